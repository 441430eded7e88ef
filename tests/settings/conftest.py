from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from alarmbridge.core.errors import ConfigError
from alarmbridge.settings.loading import load_settings
from alarmbridge.settings.models import Settings

Load = Callable[..., Settings]
Mistakes = Callable[..., list[str]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a configuration from its text; variables are the whole environment."""

    def load(text: str, **variables: str) -> Settings:
        file = tmp_path / "alarmbridge.yaml"
        file.write_text(dedent(text))
        return load_settings(file, environ=variables)

    return load


@pytest.fixture
def mistakes(load: Load) -> Mistakes:
    """Load a configuration that cannot be used, and return its mistakes."""

    def mistakes(text: str, **variables: str) -> list[str]:
        with pytest.raises(ConfigError) as caught:
            load(text, **variables)
        assert str(caught.value) == "\n".join(caught.value.mistakes)
        assert all(line.isprintable() for line in caught.value.mistakes)
        return caught.value.mistakes

    return mistakes
