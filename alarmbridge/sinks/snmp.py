"""Sends traps or informs to an SNMP manager, as a device would or by a MIB of alarmbridge's own."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, SecretStr, model_validator

from alarmbridge.core.alarm import Alarm
from alarmbridge.core.delivery import Notice
from alarmbridge.core.telling import read_telling
from alarmbridge.sinks import base
from alarmbridge.sinks.fields import Section, lower
from alarmbridge.sinks.host_port import HostPort
from alarmbridge.sinks.snmp_address import Address, Resolver, parse_manager
from alarmbridge.sinks.snmp_clock import EngineClock, engine_id_of, parse_engine_id
from alarmbridge.sinks.snmp_device import build_trap, name_alarm, read_name
from alarmbridge.sinks.snmp_engine import Community, User
from alarmbridge.sinks.snmp_own import build_notification
from alarmbridge.sinks.snmp_session import Session, open_session
from alarmbridge.sinks.snmp_varbinds import Notification

_SHORTEST_PASSWORD = 8
_LONGEST_USER = 32


def _check_password(password: SecretStr) -> SecretStr:
    if len(password.get_secret_value().encode()) < _SHORTEST_PASSWORD:
        raise ValueError("must have at least 8 characters (RFC 3414, 11.2)")
    return password


def _check_community(community: SecretStr) -> SecretStr:
    if not community.get_secret_value():
        raise ValueError("must not be empty")
    return community


def _check_user(user: str) -> str:
    if not 1 <= len(user.encode()) <= _LONGEST_USER:
        raise ValueError("must have 1 to 32 octets")
    return user


Password = Annotated[SecretStr, AfterValidator(_check_password)]


class Auth(Section):
    """How messages of version 3 are signed."""

    protocol: Annotated[
        Literal["sha", "sha224", "sha256", "sha384", "sha512"], BeforeValidator(lower)
    ] = "sha256"
    password: Password


class Privacy(Section):
    """How messages of version 3 are encrypted."""

    protocol: Annotated[
        Literal["aes128", "aes192", "aes256", "aes192c", "aes256c"], BeforeValidator(lower)
    ] = "aes128"
    password: Password


class Config(base.SinkConfig):
    """An SNMP manager.

    version 2c wants a community; 3 wants user and auth, and takes privacy and engine_id.
    engine_id: whom a manager hears traps of version 3 from, as hex; made from the sink's name.
    notify: trap, which nobody acknowledges, or inform. profile: device, by the traps of AudioCodes'
    AcBoard MIB, or alarmbridge, by ALARMBRIDGE-MIB.
    """

    type: Literal["snmp"] = "snmp"
    address: Annotated[HostPort, BeforeValidator(parse_manager)]
    version: Annotated[Literal["2c", "3"], BeforeValidator(str)]
    community: Annotated[SecretStr, AfterValidator(_check_community)] | None = None
    user: Annotated[str, AfterValidator(_check_user)] | None = None
    auth: Auth | None = None
    privacy: Privacy | None = None
    engine_id: Annotated[bytes, BeforeValidator(parse_engine_id)] | None = None
    notify: Literal["trap", "inform"] = "inform"
    profile: Literal["device", "alarmbridge"] = "device"

    @model_validator(mode="after")
    def _credentials_fit_the_version(self) -> Self:
        _choose_credentials(self)
        return self

    def warnings(self) -> list[str]:
        """Tell that a trap may be lost, and by which engine its receiver must know it."""
        if self.notify == "inform":
            return []
        lost = "a trap that is lost stays lost, a clear as well; notify: inform is acknowledged"
        if self.version == "2c":
            return [lost]
        engine = (self.engine_id or engine_id_of(self.name)).hex()
        known = f"its receiver must know engine 0x{engine} (snmptrapd: createUser -e 0x{engine} …)"
        return [lost, f"{known}; an inform needs none of that"]


class Sink(base.Sink):
    """Sends each notice once. An inform is delivered when it is acknowledged, a trap when sent."""

    def __init__(self, config: Config) -> None:
        self.key_is_shared = config.profile == "device"
        self._manager = config.address
        self._credentials = _choose_credentials(config)
        self._engine_id = config.engine_id or engine_id_of(config.name)
        self._confirmed = config.notify == "inform"
        self._timeout = config.timeout
        self._clock = EngineClock()
        self._opening = asyncio.Lock()
        self._resolver = Resolver(config.address, timeout=config.timeout)
        self._sessions: list[Session] = []

    def key_for(self, alarm: Alarm, tags: Mapping[str, str]) -> str:
        """Name an alarm as the manager does: by device, trap and source, or by its id."""
        return (name_alarm(alarm) if self.key_is_shared else None) or super().key_for(alarm, tags)

    async def deliver(self, notice: Notice) -> str:
        """Send a notice; return "acknowledged" or "sent"."""
        notification, now = _build(notice), notice.sent_at
        session = await self._reach(await self._resolver.resolve(now))
        try:
            time = self._clock.read(now)
            await session.send(notification, time=time, confirmed=self._confirmed)
        finally:
            await self._close_followed()
        return "acknowledged" if self._confirmed else "sent"

    async def aclose(self) -> None:
        """Close every socket."""
        while self._sessions:
            await self._sessions.pop().close()

    async def _reach(self, address: Address) -> Session:
        """Open a session, unless the last one still leads to the manager."""
        async with self._opening:
            last = self._sessions[-1] if self._sessions else None
            if last is None or last.stale or last.address != address:
                last = await open_session(
                    address,
                    self._credentials,
                    engine_id=self._engine_id,
                    name=str(self._manager),
                    timeout=self._timeout,
                )
                self._sessions.append(last)
            return last

    async def _close_followed(self) -> None:
        """Close what another session has followed and nobody waits in any more."""
        for session in [one for one in self._sessions[:-1] if one.idle]:
            self._sessions.remove(session)
            await session.close()


def _build(notice: Notice) -> Notification:
    """Say a notice in the profile that its alarm was raised in, which its key tells."""
    telling, named = read_telling(notice.body), read_name(notice.key)
    if named is None:
        return build_notification(telling)
    trap, source = named
    return build_trap(telling, trap=trap, source=source)


def _choose_credentials(config: Config) -> Community | User:
    """Take what the version wants; raises ValueError where that is missing, or more is there."""
    of_3 = [key for key in ("user", "auth", "privacy", "engine_id") if getattr(config, key)]
    if config.version == "2c":
        if config.community is None or of_3:
            raise ValueError("has version 2c, which wants a community, and no user, auth, privacy")
        return Community(config.community.get_secret_value())
    if config.user is None or config.auth is None or config.community is not None:
        raise ValueError("has version 3, which wants user and auth, and no community")
    privacy = config.privacy
    return User(
        name=config.user,
        auth=config.auth.protocol,
        auth_password=config.auth.password.get_secret_value(),
        privacy=privacy.protocol if privacy else None,
        privacy_password=privacy.password.get_secret_value() if privacy else "",
    )
