import subprocess
import sys
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace

import pytest
from sink_notices import make_alarm

from alarmbridge.core.delivery import Notice
from alarmbridge.core.errors import ConfigError
from alarmbridge.sinks import base
from alarmbridge.sinks.registry import BUILT_IN, GROUP, list_types, load_type, make_sink
from alarmbridge.sinks.webhook import Config as WebhookConfig
from alarmbridge.sinks.webhook import Sink as WebhookSink


class PagerConfig(base.SinkConfig):
    number: str


class PagerSink(base.Sink):
    def __init__(self, config: PagerConfig) -> None:
        self.number = config.number

    async def deliver(self, notice: Notice) -> str | None:
        return notice.event_id

    async def aclose(self) -> None:
        return


def _plug_in(monkeypatch: pytest.MonkeyPatch, **names: object) -> EntryPoint:
    module = ModuleType("acme_pager")
    vars(module).update(names)
    monkeypatch.setitem(sys.modules, "acme_pager", module)
    return EntryPoint("pager", "acme_pager", GROUP)


def _mistake(name: str, *plug_ins: EntryPoint) -> str:
    with pytest.raises(ConfigError) as caught:
        load_type(name, plug_ins)
    (mistake,) = caught.value.mistakes
    return mistake


def test_a_built_in_sink_is_made_from_its_configuration() -> None:
    config = WebhookConfig.model_validate({"name": "hook", "url": "https://hooks.example/"})
    assert isinstance(make_sink(config), WebhookSink)


def test_an_unknown_type_names_the_known() -> None:
    known = ", ".join(sorted(BUILT_IN))
    assert _mistake("webhok") == f"there is no sink type 'webhok'; there are: {known}"


@pytest.mark.parametrize("whole_module", [True, False])
def test_a_package_adds_a_type_by_module_or_object(
    monkeypatch: pytest.MonkeyPatch, whole_module: bool
) -> None:
    names = {"Config": PagerConfig, "Sink": PagerSink}
    entry = _plug_in(monkeypatch, **names, pager=SimpleNamespace(**names))
    if not whole_module:
        entry = EntryPoint("pager", "acme_pager:pager", GROUP)
    config = load_type("pager", [entry]).config.model_validate(
        {"name": "night", "type": "pager", "number": "112"}
    )
    sink = make_sink(config, [entry])
    assert isinstance(sink, PagerSink)
    assert (sink.number, sink.key_for(make_alarm(), {})) == ("112", "alarm-1")
    assert list_types([entry]) == tuple(sorted({*BUILT_IN, "pager"}))


def test_a_plug_in_that_cannot_be_loaded_is_named() -> None:
    mistake = _mistake("pager", EntryPoint("pager", "no_such_module:sink", GROUP))
    assert mistake.startswith("sink type 'pager' cannot be loaded from no_such_module:sink: ")
    assert "ModuleNotFoundError" in mistake


def test_a_plug_in_without_config_or_sink_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    without_config = _plug_in(monkeypatch, Sink=PagerSink, Config=dict)
    assert "from acme_pager, has no Config derived from" in _mistake("pager", without_config)
    without_sink = _plug_in(monkeypatch, Config=PagerConfig)
    assert "from acme_pager, has no Sink" in _mistake("pager", without_sink)


def test_two_plug_ins_of_one_name_are_both_named() -> None:
    entries = [EntryPoint("pager", value, GROUP) for value in ("one:sink", "two:sink")]
    assert "is claimed by one:sink and two:sink" in _mistake("pager", *entries)


def test_a_plug_in_cannot_take_the_place_of_a_built_in_sink() -> None:
    entry = EntryPoint("webhook", "no_such_module", GROUP)
    assert load_type("webhook", [entry]).config is WebhookConfig


def test_the_seam_and_the_registry_load_no_far_ends_library() -> None:
    program = (
        "import sys, alarmbridge.sinks.base, alarmbridge.sinks.registry as registry;"
        "registry.load_type('log');"
        "print(sorted({'aiohttp', 'yarl', 'apprise', 'pysnmp'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
