"""Watches whether a device's license is still the same."""

import hashlib
from datetime import timedelta

from alarmbridge.core.bridge import LICENSE_CHANGED
from alarmbridge.mediant.resources import License
from alarmbridge.runtime.watch.desk import Desk
from alarmbridge.store.licenses import LicenseRecord, load_license, save_license
from alarmbridge.store.transaction import Transaction


class LicenseRound:
    """Reads the license; a change is told and over at once."""

    name = "license"

    def __init__(self, desk: Desk, *, every: timedelta) -> None:
        self.every = every
        self._desk = desk

    async def run(self) -> None:
        """Read it, compare it with the one before, and keep it."""
        desk = self._desk
        found = _record_of(await desk.inspector.fetch_license())
        async with desk.archive.read() as tx:
            before = await load_license(tx, desk.device)
        if before == found:
            return

        async def save(tx: Transaction) -> None:
            await save_license(tx, desk.device, found, now=desk.clock.now())

        words = _changed(before, found) if before else None
        if words is None:
            async with desk.archive.begin() as tx:
                await save(tx)
            return
        await desk.pass_by(
            LICENSE_CHANGED,
            subject="license",
            words=words,
            cleared=f"The license of {desk.device} is the new one.",
            also=save,
        )


def _record_of(found: License) -> LicenseRecord:
    digest = hashlib.sha256((found.key or "").encode()).hexdigest()
    return LicenseRecord(found.serial_number, digest, " ".join(found.description.split()))


def _changed(before: LicenseRecord, after: LicenseRecord) -> str | None:
    """Say what is another; None where another unit of a pair answers, which has its own key."""
    if before.description != after.description:
        return f"The license went from: {before.description or '-'} to: {after.description or '-'}"
    if before.serial_number == after.serial_number and before.digest != after.digest:
        return "The license key is another one, and says the same of itself."
    return None
