"""What a device tells beside its alarms: values or a BadAnswer, whatever bytes come."""

import json
import time
from collections.abc import Callable, Mapping
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mediant_fakes import FakeTransport, answer

from alarmbridge.core.errors import BadAnswer, Forbidden, Refused
from alarmbridge.mediant.inspector import Inspector
from alarmbridge.mediant.measurements import parse_measured, parse_measurement, parse_names
from alarmbridge.mediant.parse import parse_complaint, parse_resources
from alarmbridge.mediant.paths import is_name
from alarmbridge.mediant.resources import (
    PrivateKeyState,
    clean_pem,
    parse_auth_token,
    parse_description,
    parse_license,
    parse_pem,
    parse_private_key,
    parse_script_output,
    parse_tls_contexts,
)
from alarmbridge.mediant.strict_json import parse_json, parse_object
from alarmbridge.mediant.transport import Answer

PM = "/api/v1/performanceMonitoring"
OTHER_PM = "/api/v1/alarms/performanceMonitoring"
PEM = "-----BEGIN CERTIFICATE-----\nMIIC\n...\n-----END CERTIFICATE-----\n"

PARSERS: list[Callable[[bytes], object]] = [
    parse_json, parse_object, parse_complaint, partial(parse_resources, key="actions"),
    parse_description, parse_auth_token, parse_script_output, parse_tls_contexts,
    parse_private_key, parse_pem, parse_names, partial(parse_measurement, name="x"),
    partial(parse_measured, name="x", index=0, interval=0), parse_license,
]  # fmt: skip


class InspectedTransport(FakeTransport):
    """Inspects as it gets."""

    async def inspect(self, path: str, query: Mapping[str, str] | None = None) -> Answer:
        return await self.get(path, query or {})


def inspector_of(reply: Callable[[str], Answer]) -> tuple[Inspector, InspectedTransport]:
    transport = InspectedTransport(lambda path, _query: reply(path))
    return Inspector("sbc-1", transport), transport


# Any bytes at all.

FINITE = st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NAMES = [
    "actions", "authToken", "description", "output", "tls", "id", "name", "size", "valid", "items",
    "indexes", "intervalsPerIndex", "lowThreshold", "highThreshold", "index", "interval", "value",
    "min", "max", "average", "licenseVersion", "serialNumber", "key", "keyDescription",
]  # fmt: skip
SHAPED = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6)
LISTS = st.fixed_dictionaries(
    {},
    optional={name: st.lists(SHAPED | VALUES, max_size=3) for name in ("actions", "tls", "items")},
)
TOKENS = st.lists(
    st.sampled_from([
        "{", "}", "[", "]", '"', "\\", ",", ":", " ", "\n", "\r\n", "\t", "//", "/", "...", ".",
        "True", "False", "None", "true", "null", "NaN", "1", "-", "1e400", "é", "\0", '"a"',
        '"a": ', "-----BEGIN ", "-----END ", "<",
    ]),
    max_size=40,
).map("".join)  # fmt: skip
BODIES = (
    st.binary(max_size=200)
    | (SHAPED | LISTS | VALUES).map(lambda value: json.dumps(value).encode())
    | TOKENS.map(str.encode)
    | TOKENS.map(lambda text: f'{{"a": {text}'.encode())
)


@given(BODIES)
def test_nothing_but_a_bad_answer_escapes(body: bytes) -> None:
    for parse in PARSERS:
        try:
            found = parse(body)
        except BadAnswer as error:
            str(error).encode()
        else:
            repr(found).encode(errors="surrogatepass")


OBJECTS = st.dictionaries(st.text(st.characters()), VALUES, max_size=5)


@given(OBJECTS, st.sampled_from([None, 0, 2]))
def test_a_valid_document_is_read_as_it_is(value: dict[str, object], indent: int | None) -> None:
    written = json.dumps(value, indent=indent)
    assert parse_object(written.encode()) == json.loads(written) == value


READABLE = st.dictionaries(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | st.integers() | FINITE | st.text()
        | st.sampled_from(["True", ",}", "...", "// no", "a,]", "http://x", '"', '\\"', "}"]),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


@given(READABLE, st.sampled_from([None, 2]), st.booleans())
def test_a_misprint_changes_nothing_else(
    value: dict[str, object], indent: int | None, ascii_only: bool
) -> None:
    written = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    inside = written[:-1]
    for misprinted in (
        f"{written}}}",
        f"{written} // as it were\n",
        f"// first\n{written}",
        f"{inside}, }}",
        f"{inside},\n  ...\n}}\n",
        f'{inside}, "\0": True // as per "Status" in Web\n}}'.replace("\0", "quite a new name"),
    ):
        found = parse_object(misprinted.encode())
        found.pop("quite a new name", None)
        assert found == value


HOSTILE = [
    " ", '"', "\\", ",", "[", "{", '{"a":', "/", "//", ".", "...", "True ", "\n", "\r\n \t", ", ",
    '\\"', '"\\', '" ', '",', '"//', "1", "-", "}", "]", ",}", "<", "é", "\t \n", ',"', "a b",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("start", ["", '{"a": "', '{"a": [', '{"a": "b",'])
def test_no_body_takes_long(start: str, unit: str) -> None:
    body = (start + unit * (100_000 // len(unit))).encode()
    begun = time.process_time()
    for parse in (parse_object, parse_description):
        for one in (body, body + b'", x}'):
            try:
                parse(one)
            except BadAnswer:
                continue
    assert time.process_time() - begun < 3.0


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1} {"b": 2}',
        b'{"a": 1}]',
        b'{"a": 1}}x',
        b'{"a": tRUE}',
        b'{"a": True False}',
        b'{,"a": 1}',
        b'{"a": 1,, "b": 2}',
        b'{"a": ...}',
        b'{"a": "b',
        b'{"a": "b\\',
        b'{"a": [1, 2}',
        b'{"a": 1, "a": True}',
        b'{"a": NaN}',
        b"{'a': 1}",
        b"True",
        b"...",
        b"// nothing",
        b"{" * 200_000,
    ],
)
def test_what_is_no_misprint_of_the_guide_stays_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_object(body)


def test_the_first_error_is_told_not_that_of_the_mended_text() -> None:
    with pytest.raises(BadAnswer, match="it is an HTML page"):
        parse_object(b"<html>True</html>")
    with pytest.raises(BadAnswer, match="a name twice"):
        parse_object(b'{"a": 1, "a": 2}')


# One kind at a time.


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", ""),
        (b" \r\n", ""),
        (b"{}", ""),
        (b'{"description": null}', ""),
        (b'{"description": "Done\\u0000"}', "Done"),
        (b"OK", "OK"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 5000, "x" * 400),
    ],
)
def test_what_a_device_says_to_what_it_did(body: bytes, said: str) -> None:
    assert parse_description(body) == said


@pytest.mark.parametrize("body", [b"<html>", b"{", b"[]", b'[{"description": "x"}]', b"  <p>"])
def test_what_looks_like_more_than_words_is_no_description(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_description(body)


@pytest.mark.parametrize(
    ("body", "size", "valid"),
    [
        (b'{"size": 2048, "valid": true}', 2048, True),
        (b'{"size": "2048", "valid": "False"}', 2048, False),
        (b'{"size": 2048, "valid": False}', 2048, False),
        (b'{"size": -1, "valid": "perhaps"}', None, None),
        (b'{"size": true, "valid": 1}', None, None),
        (b"{}", None, None),
    ],
)
def test_a_private_keys_state(body: bytes, size: int | None, valid: bool | None) -> None:
    assert parse_private_key(body) == PrivateKeyState(size, valid)


@pytest.mark.parametrize("body", [b"", b"MIIC", b"-----BEGIN ", PEM.encode() + b"\xff", b"<html>"])
def test_what_is_no_pem_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer, match="it is no PEM"):
        parse_pem(body)


def test_pem_has_plain_ends_of_lines() -> None:
    assert parse_pem(b"\r\n" + PEM.replace("\n", " \r\n").encode()) == PEM
    assert clean_pem(PEM) == PEM


@pytest.mark.parametrize("body", [b"{}", b'{"authToken": ""}', b'{"authToken": "a&b"}', b"[]"])
def test_a_token_that_is_none_is_a_bad_answer(body: bytes) -> None:
    with pytest.raises(BadAnswer):
        parse_auth_token(body)


def test_a_license_whose_brace_is_missing_is_read_and_half_a_license_is_not() -> None:
    whole = b'{"licenseVersion": 1, "key": "abc"'
    assert parse_license(whole).key == parse_license(whole + b"}").key == "abc"
    for cut in (whole[:-1], b"", b"[", b'{"key": [', whole + b', "serialNumber"'):
        with pytest.raises(BadAnswer):
            parse_license(cut)


# What is asked, and where.

NO_NAMES = ["", ".", "..", "../status", "a/b", "a?b", "a%2fb", "a b", "a\n", "é", "x" * 65]


@pytest.mark.parametrize("name", NO_NAMES)
async def test_what_can_be_no_name_is_never_asked_for(name: str) -> None:
    inspector, transport = inspector_of(lambda _path: answer(200, {}))
    assert not is_name(name)
    for ask in (
        inspector.measure(name),
        inspector.describe_measurement(name),
        inspector.list_tls_files(name),
        inspector.fetch_certificate(name),
        inspector.fetch_trusted_roots(name),
        inspector.fetch_private_key_state(name),
    ):
        with pytest.raises(BadAnswer, match=r"sbc-1: .* not asked"):
            await ask
    assert transport.asked == []


async def test_a_measurement_is_asked_for_where_it_was_found_before() -> None:
    inspector, transport = inspector_of(
        lambda path: answer(200 if path.startswith(OTHER_PM) else 404, {})
    )
    await inspector.measure("pm", 2, 1)
    await inspector.describe_measurement("pm")
    assert transport.asked == [
        (f"{PM}/pm", {"index": "2", "interval": "1"}),
        (f"{OTHER_PM}/pm", {"index": "2", "interval": "1"}),
        (f"{OTHER_PM}/pm", {}),
    ]


async def test_a_measurement_that_is_nowhere_is_told_by_the_guides_own_path() -> None:
    inspector, transport = inspector_of(lambda _path: answer(404, {"description": "no PM"}))
    for _ in range(2):
        with pytest.raises(Refused, match=f"{PM}/pm with HTTP 404: no PM"):
            await inspector.measure("pm")
    assert [path for path, _ in transport.asked] == [f"{PM}/pm", f"{OTHER_PM}/pm"] * 2


@pytest.mark.parametrize("said", [answer(204), answer(200), answer(200, b"\r\n")])
async def test_no_trusted_roots_are_an_empty_text(said: Answer) -> None:
    inspector, _ = inspector_of(lambda _path: said)
    assert await inspector.fetch_trusted_roots("0") == ""


async def test_no_content_is_a_list_without_items() -> None:
    inspector, _ = inspector_of(lambda _path: answer(204))
    for ask in (
        inspector.list_actions(),
        inspector.list_files(),
        inspector.list_tls_contexts(),
        inspector.list_tls_files("0"),
        inspector.list_measurements(),
    ):
        assert await ask == ()


@pytest.mark.parametrize(("status", "kind"), [(403, Forbidden), (404, Refused), (500, Refused)])
async def test_a_refusal_names_device_and_path(status: int, kind: type[Refused]) -> None:
    inspector, _ = inspector_of(lambda _path: answer(status, {"description": "no\n way"}))
    for ask in (inspector.fetch_license(), inspector.fetch_ini(), inspector.list_actions()):
        with pytest.raises(kind, match=f"sbc-1 answered /api/v1/.* with HTTP {status}: no way"):
            await ask
