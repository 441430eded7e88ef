"""The lock: one daemon to a file."""

import subprocess
import sys
from pathlib import Path

import pytest

from alarmbridge.core.errors import StoreError
from alarmbridge.store.lock import lock_database


def test_a_second_daemon_is_told_who_has_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'alarmbridge.db'}"
    code = f"from alarmbridge.store.lock import lock_database; lock_database({url!r})"

    with lock_database(url):
        other = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )

    assert other.returncode == 1
    assert "Another alarmbridge (process " in other.stderr
    assert str(tmp_path / "alarmbridge.db.lock") in other.stderr


def test_a_released_database_can_be_locked_again(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'alarmbridge.db'}"
    first = lock_database(url)
    with pytest.raises(StoreError, match="stop it first"):
        lock_database(url)

    first.release()
    first.release()

    lock_database(url).release()


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"missing/alarmbridge.db.lock cannot be opened"):
        lock_database(f"sqlite:///{tmp_path}/missing/alarmbridge.db")


def test_postgres_is_shared_and_needs_no_lock() -> None:
    with lock_database("postgresql://host/name"), lock_database("postgresql://host/name"):
        pass
