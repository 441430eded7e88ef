"""What is looked after: off, on by a word, or by a section; a device's own over the defaults."""

from datetime import timedelta
from pathlib import Path

import pytest

from alarmbridge.core.errors import ConfigError
from alarmbridge.settings.loading import load_settings
from alarmbridge.settings.models import DeviceSettings

LOGIN = "username: monitor, password: canary"


def load(tmp_path: Path, defaults: str, device: str = "") -> DeviceSettings:
    text = f"defaults: {{{LOGIN}, watch: {defaults}}}\n"
    text += f'devices: [{{name: a, url: "https://192.0.2.1"{device}}}]\n'
    (tmp_path / "alarmbridge.yaml").write_text(text)
    return load_settings(tmp_path / "alarmbridge.yaml", environ={}).devices[0]


def test_nothing_is_asked_for_that_nobody_switched_on(tmp_path: Path) -> None:
    watch = load(tmp_path, "{}").watch
    assert watch.status
    others = (watch.certificates, watch.license, watch.measurements, watch.configuration)
    assert (*others, watch.web_pages) == (None,) * 5


@pytest.mark.parametrize("word", ["true", "yes", "on", "{}"])
def test_a_word_switches_on_what_is_usual(tmp_path: Path, word: str) -> None:
    watch = load(tmp_path, f"{{certificates: {word}}}").watch
    assert watch.certificates is not None
    assert watch.certificates.within == timedelta(days=30)


def test_a_device_has_its_own_over_the_defaults_key_by_key(tmp_path: Path) -> None:
    own = ", watch: {license: false, certificates: {within: 10d}}"
    watch = load(tmp_path, "{license: true, certificates: true, status: false}", own).watch
    assert watch.license is None
    assert watch.certificates is not None
    assert watch.certificates.within == timedelta(days=10)
    assert not watch.status


@pytest.mark.parametrize(
    ("watch", "words"),
    [
        ("{measurements: true}", "defaults.watch.measurements: must say which"),
        ("{measurements: {names: []}}", "defaults.watch.measurements.names"),
        ('{measurements: {names: ["../x"]}}', "defaults.watch.measurements.names"),
        ("{license: {every: 1s}}", "defaults.watch.license.every"),
        ("{license: maybe}", "defaults.watch.license"),
        ("{licence: true}", "defaults.watch.licence: is no known key"),
        ("{web_pages: {level: root}}", "defaults.watch.web_pages.level"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, watch: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, watch)
    assert any(mistake.startswith(words) for mistake in caught.value.mistakes), caught.value
