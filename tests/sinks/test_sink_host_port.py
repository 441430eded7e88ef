import pytest

from alarmbridge.sinks.host_port import HostPort, read_host_port


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:1162", HostPort("127.0.0.1", 1162)),
        ("nms.example", HostPort("nms.example", 162)),
        ("[::1]:1162", HostPort("::1", 1162)),
        ("[fe80::1%eth0]", HostPort("fe80::1%eth0", 162)),
    ],
)
def test_a_host_and_perhaps_a_port_are_read(text: str, found: HostPort) -> None:
    assert read_host_port(text, usual=162) == read_host_port(str(found)) == found


@pytest.mark.parametrize(
    "text",
    [
        "", ":162", "::1", "[::1", "[]:162", "[nms]:162", "[127.0.0.1]:162", "a:0", "a:65536",
        "a:b", "a b", "a/b", "a?b", "a#b", "a@b", f"{'a' * 64}.example", "a..b",
    ],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    assert read_host_port(text, usual=162) is None


def test_a_port_must_be_written_where_none_is_usual_and_may_be_any_that_is_free() -> None:
    assert read_host_port("localhost") is None
    assert read_host_port("localhost:0", least=0) == HostPort("localhost", 0)
