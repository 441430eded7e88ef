"""Templates: whatever a user writes is checked at start, and no device can add to it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sink_notices import DEVICE, as_notice, changed, cleared, make_alarm, raised

from alarmbridge.core.delivery import Notice
from alarmbridge.core.event import tell_raised
from alarmbridge.core.payload import with_note
from alarmbridge.core.wording import Words
from alarmbridge.sinks.base import WordedConfig
from alarmbridge.sinks.template_language import LONGEST
from alarmbridge.sinks.templates import TemplateFailed, Templates, check_template

HOSTILE = "{{ 7 * 7 }}{% for x in y %}\r\nAll clear\u202e @everyone"


def fill(notice: Notice, **templates: str) -> Words:
    return Templates(**templates).fill(Words(notice.title, notice.text), notice.body)


def text_of(notice: Notice, body: str) -> str:
    return fill(notice, body=check_template(body)).text


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ title }}", "MAJOR sbc-ams-1: Trunk is down (Board#1)"),
        ("{{ kind }} {{ severity|upper }}", "raised MAJOR"),
        ("{{ alarm.source }}, {{ alarm.clear_description }}.", "Board#1, ."),
        ("{{ device.name }} {{ device.url }}", "sbc-ams-1 https://10.4.219.229"),
        ("{{ device.tags.site }} {{ device.tags.rack }}.", "ams ."),
        ("{{ event.type }} {{ event.data.sequence }} {{ event.data.note }}", "alarm.raised 1"),
        ("{{ (alarm.source or '').split('#')[-1] }}", "1"),
        ("{% if device %}{{ device.name }}{% else %}us{% endif %}", "sbc-ams-1"),
        ("{% for key, tag in device.tags.items() %}{{ key }}={{ tag }}{% endfor %}", "site=ams"),
        ("{{ note|default('none', true) }}", "none"),
        ("{% set who = device.name or 'us' %}{{ who }}", "sbc-ams-1"),
        ("a\n{% if true %}\n  b\n{% endif %}\n", "a\n  b"),
    ],
)
def test_a_template_names_what_an_event_says(template: str, text: str) -> None:
    assert text_of(raised(), template) == text


def test_a_template_names_what_is_known_of_such_an_alarm() -> None:
    link = replace(make_alarm(), oid="1.3.6.1.4.1.5003.9.10.1.21.2.0.10")
    notice = as_notice(tell_raised(link, sequence=1, now=link.seen_at), DEVICE)
    assert text_of(notice, "{{ meaning }}") == "An Ethernet port of the device has no link."
    assert "cable" in text_of(notice, "{{ check }}")
    assert text_of(raised(), "{{ title }}{{ meaning }}{{ check }}") == raised().title


def test_where_no_device_is_meant_all_of_it_is_nothing_and_false() -> None:
    notice = raised(device=None)
    template = "{% if device %}x{% endif %}{{ device.name }}{{ device.tags.site }}{{ kind }}"
    assert text_of(notice, template) == "raised"


def test_a_change_and_a_clear_have_their_own_keys() -> None:
    template = "{{ kind }} {{ alarm.previous_severity }} {{ alarm.state }}"
    assert text_of(changed(), template) == "changed major active"
    assert text_of(cleared(), template) == "cleared  active"


def test_a_title_is_one_line_whatever_a_template_makes() -> None:
    assert fill(raised(), title="a\n\n  b\x07\t{{ kind }}\n").title == "a b<U+0007> raised"


def test_words_that_come_to_nothing_are_the_standard_ones() -> None:
    notice = raised()
    words = fill(notice, title="{{ note }}", body=" {{ note }}\n")
    assert words == Words(notice.title, notice.text)
    assert fill(notice) == words


def test_a_devices_text_is_a_value_and_stays_plain() -> None:
    hostile = make_alarm(description=HOSTILE)
    text = text_of(raised(hostile), "{{ alarm.description }}|{{ event.data.alarm.description }}")
    said = "{{ 7 * 7 }}{% for x in y %} All clear<U+202E> @ everyone"
    assert text == f"{said}|{said}"
    facts = replace(DEVICE, product=HOSTILE)
    assert text_of(raised(device=facts), "{{ device.product }}") == said


def test_a_mention_that_the_configuration_writes_stays_one() -> None:
    tagged = replace(DEVICE, tags={"team": "@voice"})
    assert text_of(raised(device=tagged), "<!here> {{ device.tags.team }}") == "<!here> @voice"


@given(st.text(max_size=200))
def test_no_text_of_a_device_makes_a_line_of_its_own(text: str) -> None:
    notice = raised(make_alarm(description=text, clear_description=text))
    filled = fill(notice, body="{{ alarm.description }}-{{ alarm.clear_description }}")
    assert filled.text.isprintable()


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ alram.name }}", "there is no alram; did you mean alarm?"),
        ("{{ foo }}", "there is no foo; there are: alarm, check, device, event, kind, "),
        ("{{ alarm.descripton }}", "line 1: there is no descripton in it; did you mean desc"),
        ("\n{{ event.data.device.nam }}", "line 2: there is no nam in it; did you mean name?"),
        ("{% if kind == 'cleared' %}{{ alarm.x }}{% endif %}", "line 1: there is no x in it"),
        ("{{ alarm['x'] }}", "for a raise: 'dict object' has no attribute 'x'"),
        ("{{ alarm.source.split('#') }}", "for a raise that tells little and means no device: "),
        ("{% if kind == 'cleared' %}{{ 1 / 0 }}{% endif %}", "for a clear: division by zero"),
        ("{% if note %}{{ 1 / 0 }}{% endif %}", "for a raise with a note: division by zero"),
        ("{% if kind == 'changed' %}{{ 1 / 0 }}{% endif %}", "for a change: division by zero"),
        ("a\n{{ (", "line 2: unexpected 'end of template'"),
        ("{{ title|nosuch }}", "line 1: No filter named 'nosuch'."),
        ("{{ alarm.severity.upper }}", "a method needs its () to be called"),
        ("{{ " + "(" * 5000 + ")" * 5000 + " }}", "recursion"),
        ("{{ " + "9" * 5000 + " }}", "digits"),
    ],
)
def test_a_mistake_is_found_at_start_and_said(template: str, words: str) -> None:
    with pytest.raises(ValueError, match="is no template that works") as caught:
        check_template(template)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{{ alarm.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ title['__class__'] }}",
        "{{ title|attr('__class__') }}",
        "{{ (title|map(attribute='format')|first)(1) }}",
        "{{ self }}",
        "{{ self.__init__.__globals__ }}",
        "{{ lipsum.__globals__ }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ joiner() }}",
        "{{ namespace(x=1) }}",
        "{{ title.format_map(alarm) }}",
        "{% set f = title.center %}{{ f(9) }}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as x %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{{ alarm.update(id=1) }}",
        "{{ device.tags.clear() }}",
    ],
)
def test_there_is_no_way_out_of_a_template(template: str) -> None:
    with pytest.raises(ValueError, match="is no template that works"):
        check_template(template)


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(10**9) %}{% endfor %}",
        "{% for i in range(1000000000) %}{% endfor %}",
        "{% for a in text %}{% for b in text %}{% endfor %}{% endfor %}",
        "{% for a in text recursive %}{{ loop(text) }}{% endfor %}",
        "{% for a in text %}{{ text }}{{ text }}{% endfor %}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{% call(x) title.upper() %}{% endcall %}",
        "{% block x %}{% endblock %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ 'x'.center(1000000000) }}",
        "{{ 'x'|center(1000000000) }}",
        "{{ 'x'|indent(1000000000) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ lipsum(n=1000000) }}",
    ],
)
def test_nothing_runs_long_or_grows_without_bounds(template: str) -> None:
    with pytest.raises(ValueError, match="is no template that works"):
        check_template(template)


def test_what_grows_with_a_devices_text_is_stopped() -> None:
    template = check_template("{% for char in alarm.description %}{{ text }}{% endfor %}")
    with pytest.raises(TemplateFailed, match=f"more than {LONGEST} characters"):
        fill(raised(make_alarm(description="x" * 10_000)), body=template)


def test_a_note_is_a_value_as_well() -> None:
    notice = raised()
    noted = replace(notice, body=with_note(notice.body, "flapping"))
    assert text_of(noted, "{{ note }} {{ event.data.note }}") == "flapping flapping"
    assert "note" not in json.loads(notice.body)["data"]


def test_a_configuration_checks_its_templates() -> None:
    with pytest.raises(ValueError, match=r"body\n.*there is no alram; did you mean alarm"):
        WordedConfig.model_validate({"name": "x", "type": "x", "body": "{{ alram }}"})
    config = WordedConfig.model_validate({"name": "x", "type": "x", "title": "{{ title }}"})
    assert (config.title, config.body) == ("{{ title }}", None)
