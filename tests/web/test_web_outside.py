"""The outside: what a proxy says counts, and what anybody else says does not."""

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from alarmbridge.web.outside import Front, Outside

PROXIES = (ip_network("127.0.0.0/8"), ip_network("2001:db8::/32"))


def see(front: Front, peer: str = "127.0.0.1", **headers: str) -> Outside:
    """See a request that comes from a peer."""
    sent = {"Host": "inside:8480"} | {
        name.replace("_", "-"): said for name, said in headers.items()
    }
    return front.see(make_mocked_request("GET", "/", headers=sent).clone(remote=peer))


def test_without_a_proxy_it_is_as_it_comes() -> None:
    said = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "https"}
    said |= {"X_Forwarded_Host": "evil.example", "X_Forwarded_Prefix": "/evil"}
    for front in (Front(), Front(proxies=(ip_network("10.0.0.0/8"),))):
        outside = see(front, **said)
        assert outside == Outside(origin="http://inside:8480", prefix="", client="127.0.0.1")
        assert not outside.secure


def test_what_a_trusted_proxy_says_is_believed() -> None:
    outside = see(
        Front(proxies=PROXIES),
        X_Forwarded_For="203.0.113.9",
        X_Forwarded_Proto="https",
        X_Forwarded_Host="NOC.example:8443",
        X_Forwarded_Prefix="/alarms/",
    )
    assert outside.origin == "https://noc.example:8443"
    assert (outside.secure, outside.client) == (True, "203.0.113.9")
    assert outside.link("/devices") == "/alarms/devices"


@pytest.mark.parametrize(
    ("said", "client"),
    [
        ("203.0.113.9, 127.0.0.5", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("2001:db8:5::1", "2001:db8:5::1"),
        ("203.0.113.9, 2001:db8::7", "203.0.113.9"),
        ("rubbish", "127.0.0.1"),
        ("rubbish, 127.0.0.5", "127.0.0.5"),
        ("", "127.0.0.1"),
    ],
)
def test_the_client_is_who_asked_the_outermost_trusted_proxy(said: str, client: str) -> None:
    assert see(Front(proxies=PROXIES), X_Forwarded_For=said).client == client


@pytest.mark.parametrize(
    "said",
    [
        {"X_Forwarded_Proto": "gopher"},
        {"X_Forwarded_Host": "a b"},
        {"X_Forwarded_Host": "noc.example/path"},
        {"X_Forwarded_Prefix": "//evil.example"},
        {"X_Forwarded_Prefix": "alarms"},
        {"X_Forwarded_Prefix": '/a"b'},
        {"X_Forwarded_Prefix": "/a?b"},
    ],
)
def test_what_cannot_be_is_passed_over(said: dict[str, str]) -> None:
    outside = see(Front(prefix="/alarms", proxies=PROXIES), **said)
    assert (outside.origin, outside.prefix) == ("http://inside:8480", "/alarms")


def test_only_what_the_nearest_proxy_says_counts() -> None:
    outside = see(Front(proxies=PROXIES), X_Forwarded_Host="evil.example, noc.example")
    assert outside.origin == "http://noc.example"


def test_an_origin_has_no_path() -> None:
    assert URL(see(Front(prefix="/alarms")).origin).path == "/"


def test_ipv4_is_known_where_a_socket_of_ipv6_hears_it() -> None:
    front = Front(proxies=PROXIES)
    assert see(front, "::ffff:192.0.2.7").client == "192.0.2.7"
    assert see(front, "::ffff:127.0.0.1", X_Forwarded_For="::ffff:203.0.113.9").client == (
        "203.0.113.9"
    )


def test_a_zone_belongs_to_no_address() -> None:
    assert see(Front(proxies=PROXIES), "fe80::1%eth0").client == "fe80::1"
    assert see(Front(proxies=PROXIES), X_Forwarded_For="fe80::1%x").client == "fe80::1"
