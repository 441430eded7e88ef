"""Digests of credentials: they know them again, and tell nothing."""

from random import Random

from alarmbridge.runtime.credentials import HashedCredentials

CANARY = "canary"


def credentials(username: str = "monitor", password: str = CANARY) -> HashedCredentials:
    return HashedCredentials(username, password, dice=Random(1))


async def test_a_digest_is_of_the_very_same_credentials_alone() -> None:
    digest = await credentials().digest()
    assert await credentials().match(digest)
    for other in (
        credentials(password="Canary"),
        credentials(username="admin"),
        credentials("monitorc", "anary"),
    ):
        assert not await other.match(digest)


async def test_a_digest_tells_neither_name_nor_password() -> None:
    digest = await credentials().digest()
    assert "canary" not in digest
    assert "monitor" not in digest


async def test_each_digest_has_a_salt_of_its_own() -> None:
    same = credentials()
    first, second = await same.digest(), await same.digest()
    assert first != second
    assert await same.match(first)
    assert await same.match(second)


async def test_a_damaged_digest_is_of_nobody_s_credentials() -> None:
    for damaged in ("", "$", "salt$", "no salt", "sält$ffff"):
        assert not await credentials().match(damaged)
