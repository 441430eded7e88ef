import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sink_notices import cleared, raised
from sink_receivers import WEBHOOK_SECRET, WebhookReceiver
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alarmbridge import __version__
from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import SinkError
from alarmbridge.sinks.webhook import Config, Sink, parse_secret, sign

OTHER_SECRET = "whsec_" + base64.b64encode(b"another secret of 24 bytes or more").decode()


async def _deliver(far_end: WebhookReceiver, notice: Notice, **keys: object) -> str:
    sink = Sink(Config.model_validate({"name": "hook", **far_end.raw, **keys}))
    try:
        return await sink.deliver(notice)
    finally:
        await sink.aclose()


def _fresh() -> Notice:
    return replace(raised(), sent_at=datetime.now(UTC))


async def test_the_body_is_the_event_byte_for_byte(far_end: WebhookReceiver) -> None:
    notice = cleared()
    assert await _deliver(far_end, notice) == "HTTP 204"
    headers, body = far_end.requests[0]
    assert body == notice.body.encode()
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == notice.event_id == json.loads(body)["data"]["event_id"]
    assert headers["webhook-timestamp"] == str(int(notice.sent_at.timestamp()))
    assert headers["user-agent"] == f"alarmbridge/{__version__}"


async def test_the_reference_library_agrees_with_the_signature(far_end: WebhookReceiver) -> None:
    await _deliver(far_end, _fresh())
    headers, body = far_end.requests[0]
    assert Webhook(WEBHOOK_SECRET).verify(body, dict(headers))["type"] == "alarm.raised"
    with pytest.raises(WebhookVerificationError):
        Webhook(OTHER_SECRET).verify(body, dict(headers))
    with pytest.raises(WebhookVerificationError):
        Webhook(WEBHOOK_SECRET).verify(body + b" ", dict(headers))


async def test_while_rotating_either_secret_verifies(far_end: WebhookReceiver) -> None:
    await _deliver(far_end, _fresh(), secret=[OTHER_SECRET, WEBHOOK_SECRET])
    headers, body = far_end.requests[0]
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (WEBHOOK_SECRET, OTHER_SECRET):
        Webhook(secret).verify(body, dict(headers))


async def test_each_attempt_signs_its_own_moment(far_end: WebhookReceiver) -> None:
    notice = raised()
    await _deliver(far_end, notice)
    await _deliver(far_end, replace(notice, sent_at=notice.sent_at + timedelta(hours=1)))
    (first, body), (second, same) = far_end.requests
    assert body == same
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3600
    assert first["webhook-signature"] != second["webhook-signature"]


async def test_without_a_secret_there_is_no_signature(far_end: WebhookReceiver) -> None:
    raw = {key: value for key, value in far_end.raw.items() if key != "secret"}
    sink = Sink(Config.model_validate({"name": "hook", **raw}))
    await sink.deliver(raised())
    await sink.aclose()
    assert "webhook-signature" not in far_end.requests[0][0]


def test_the_signature_is_that_of_the_specification() -> None:
    signature = sign(
        [parse_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")],
        event_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_userinfo_becomes_basic_auth_and_the_query_stays_as_written(
    far_end: WebhookReceiver,
) -> None:
    port = str(far_end.raw["url"]).partition("127.0.0.1:")[2].partition("/")[0]
    url = f"http://m%40ry:p%2Fss@127.0.0.1:{port}/a%2Fb?sp=%2Frun&sig=ab%2Bc%3D"
    await _deliver(far_end, raised(), url=url)
    headers, _ = far_end.requests[0]
    assert headers["authorization"] == "Basic " + base64.b64encode(b"m@ry:p/ss").decode()
    assert far_end.targets == ["/a%2Fb?sp=%2Frun&sig=ab%2Bc%3D"]


async def test_extra_headers_are_sent(far_end: WebhookReceiver) -> None:
    await _deliver(far_end, raised(), headers={"X-Token": "t", "User-Agent": "ours"})
    headers, _ = far_end.requests[0]
    assert (headers["x-token"], headers["user-agent"]) == ("t", "ours")


async def test_a_proxy_in_the_environment_is_not_used(
    far_end: WebhookReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert await _deliver(far_end, raised()) == "HTTP 204"


async def test_a_cookie_is_not_kept(far_end: WebhookReceiver) -> None:
    sink = Sink(Config.model_validate({"name": "hook", **far_end.raw}))
    far_end.refuse(500, {"Set-Cookie": "session=1; Path=/"})
    with pytest.raises(SinkError):
        await sink.deliver(raised())
    far_end.accept()
    await sink.deliver(raised())
    await sink.aclose()
    assert "cookie" not in far_end.requests[1][0]


async def test_a_redirect_is_a_failure_and_nothing_is_sent_on(far_end: WebhookReceiver) -> None:
    far_end.refuse(307, {"Location": "/canary-path"})
    with pytest.raises(SinkError, match=r"redirects elsewhere \(307\)"):
        await _deliver(far_end, raised())
    assert len(far_end.requests) == 1


@pytest.mark.parametrize(
    "keys",
    [
        {"url": "hooks.example/canary"},
        {"url": "ftp://hooks.example/canary"},
        {"url": "http:///canary"},
        {"url": "http://hooks.example:99999/canary"},
        {"url": "http://[::1/canary"},
        {"url": f"http://{'canary' * 20}/"},
        {"url": "http://hooks.example/canary path"},
        {"url": "http://hooks.example/canary\n"},
        {"url": "http://can%3Aary:x@hooks.example/"},
        {"secret": "canary"},
        {"secret": "canarycanarycanarycanarycanarycanary"},
        {"secret": "whsec_canary"},
        {"secret": "whsec_canarycanarycanarycanary-_ary"},
        {"secret": "whsec_" + base64.b64encode(b"canary" * 20).decode()},
        {"secret": [WEBHOOK_SECRET, "canary"]},
        {"secret": []},
        {"headers": {"x-canary": "a\r\nb: c"}},
        {"headers": {"x canary": "a"}},
        {"headers": {"Webhook-Id": "canary"}},
        {"headers": {"content-type": "canary"}},
        {"url": "http://canary:x@hooks.example", "headers": {"Authorization": "canary"}},
        {"ca_file": "no/such/file"},
        {"surprise": "canary"},
    ],
)
def test_a_configuration_that_cannot_work_is_refused_unseen(keys: dict[str, object]) -> None:
    raw = {"name": "hook", "type": "webhook", "url": "https://hooks.example/", **keys}
    with pytest.raises(ValidationError) as caught:
        Config.model_validate(raw)
    for said in caught.value.errors(include_input=False, include_url=False):
        assert "canary" not in said["msg"]


def test_an_unpadded_secret_is_as_good() -> None:
    assert parse_secret(WEBHOOK_SECRET.rstrip("=")) == parse_secret(WEBHOOK_SECRET)
