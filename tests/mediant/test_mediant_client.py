import pytest
from mediant_fakes import (
    ACTIVE,
    HISTORY,
    STATUS,
    FakeMediant,
    FakeTransport,
    answer,
    device_of,
    page,
    row,
)

from alarmbridge.core.errors import BadAnswer
from alarmbridge.mediant.client import AlarmsClient, Refusal, Table
from alarmbridge.mediant.parse import NO_PAGE
from alarmbridge.mediant.transport import Answer

HTML = b"<html><h1>404 Not Found</h1></html>"


def device_that_says(said: Answer) -> tuple[AlarmsClient, FakeTransport]:
    transport = FakeTransport(lambda _path, _query: said)
    return device_of(transport), transport


async def test_a_detail_is_asked_for_by_its_own_path_with_its_oid() -> None:
    device, transport = device_that_says(answer(200, row("7") | {"oid": "1.3.6"}))
    found = await device.fetch_active("7")
    assert found is not None
    assert found.oid == "1.3.6"
    assert transport.asked == [(f"{ACTIVE}/7", {"oid": "1"})]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", ""),
        (b"", "text/html"),
        (b'{"description": "no such alarm"}', "application/json; charset=utf-8"),
        (b'{"description": "no such alarm"}', ""),
        (b"not found", "text/plain"),
    ],
)
async def test_a_well_formed_404_is_an_absence(body: bytes, kind: str) -> None:
    device, _ = device_that_says(answer(404, body, kind=kind))
    assert await device.fetch_active("7") is None
    assert await device.fetch_history("7") is None
    assert await device.fetch_last_change() is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (HTML, "text/html"),
        (HTML, "application/json"),
        (HTML, "text/plain"),
        (HTML, ""),
        (b"oops", "application/json"),
        (b"oops", "application/octet-stream"),
    ],
)
async def test_somebody_elses_404_is_no_absence(body: bytes, kind: str) -> None:
    device, _ = device_that_says(answer(404, body, kind=kind))
    for ask in (device.fetch_active("7"), device.fetch_history("7"), device.fetch_last_change()):
        with pytest.raises(BadAnswer, match="sbc-1"):
            await ask


async def test_a_detail_of_another_alarm_is_a_bad_answer() -> None:
    device, _ = device_that_says(answer(200, row("8")))
    with pytest.raises(BadAnswer, match="with the alarm 8"):
        await device.fetch_active("7")


async def test_an_impossible_id_is_never_sent() -> None:
    device, transport = device_that_says(answer(404))
    with pytest.raises(BadAnswer):
        await device.fetch_active("../../actions/reset")
    assert transport.asked == []


@pytest.mark.parametrize("status", [201, 204, 400, 405, 406, 409, 500, 503])
async def test_any_other_status_is_a_bad_answer_in_the_devices_words(status: int) -> None:
    said = {"description": "Device is\r\n performing HA " + "x" * 5000}
    device, _ = device_that_says(answer(status, said))
    for ask in (device.fetch_status(), device.fetch_last_change(), device.fetch_active("7")):
        with pytest.raises(BadAnswer, match=f"HTTP {status}: Device is performing HA x") as caught:
            await ask
        assert len(str(caught.value)) < 300


async def test_an_answer_that_is_not_understood_names_device_and_path() -> None:
    device, _ = device_that_says(answer(200, HTML, kind="text/html"))
    with pytest.raises(BadAnswer, match=f"sbc-1: answer to {STATUS} not understood: .*HTML"):
        await device.fetch_status()


async def test_a_page_is_asked_for_by_cursor_and_limit() -> None:
    device, transport = device_that_says(page(["1"], "1"))
    await device.fetch_page(Table.HISTORY, after="&x=1", limit=5)
    assert transport.asked == [(HISTORY, {"limit": "5", "after": "&x=1"})]


async def test_no_content_is_a_page_without_rows() -> None:
    device, _ = device_that_says(answer(204))
    assert await device.fetch_page(Table.ACTIVE) == NO_PAGE


async def test_no_content_is_a_list_without_items() -> None:
    device, _ = device_that_says(answer(204))
    assert await device.fetch_versions() == ()
    assert await device.fetch_tree() == ()


@pytest.mark.parametrize("status", [400, 404])
async def test_a_refused_page_is_a_value(status: int) -> None:
    device, _ = device_that_says(answer(status, {"description": "bad cursor"}))
    refusal = await device.fetch_page(Table.ACTIVE, after="9")
    assert isinstance(refusal, Refusal)
    assert refusal.status == status
    assert "bad cursor" in refusal.reason


async def test_the_same_last_change_is_parsed_once_and_another_one_anew() -> None:
    mediant = FakeMediant(last_change="2026-01-01T00:00:00Z")
    device = device_of(FakeTransport(mediant.reply))
    first = await device.fetch_last_change()
    assert await device.fetch_last_change() is first
    mediant.last_change = None
    assert await device.fetch_last_change() is None
    mediant.last_change = "2026-01-01T00:00:01Z"
    second = await device.fetch_last_change()
    assert second is not None
    assert second.raw == "2026-01-01T00:00:01Z"


async def test_a_last_change_that_is_not_understood_is_not_remembered() -> None:
    answers = [answer(200, b"{}"), answer(200, b"{}")]
    device = device_of(FakeTransport(lambda _path, _query: answers.pop()))
    for _ in range(2):
        with pytest.raises(BadAnswer):
            await device.fetch_last_change()


async def test_the_folders_of_the_guide() -> None:
    bodies: dict[str, object] = {
        "/api": {"versions": [{"id": "v1", "status": "stable"}]},
        "/api/v1": {"items": [{"id": "status", "description": "Device status"}]},
    }
    device = device_of(FakeTransport(lambda path, _query: answer(200, bodies[path])))
    assert [version.id for version in await device.fetch_versions()] == ["v1"]
    assert [branch.id for branch in await device.fetch_tree()] == ["status"]


async def test_a_status_carries_the_moments_it_was_asked_and_received() -> None:
    device = device_of(FakeTransport(FakeMediant(uptime=5).reply))
    status = await device.fetch_status()
    assert (status.uptime, status.asked_at, status.received_at) == (5, 10.0, 10.1)


def test_logging_in_again_is_passed_on_and_asks_nothing() -> None:
    device, transport = device_that_says(answer(204))
    device.allow_login()
    assert (transport.logins_allowed, transport.asked) == (1, [])
