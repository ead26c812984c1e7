"""A log is read and written with its own keys only."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.audit.binding import bind, check
from gateway.audit.store import Store
from gateway.errors import ConfigError

OURS, NEWER, THEIRS = (bytes([number]) * 32 for number in range(3))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Store(tmp_path / "audit.sqlite").close()
    return tmp_path / "audit.sqlite"


def test_the_first_keys_are_the_log_s(path: Path) -> None:
    check(path, {"audit.key": [THEIRS]})  # it has none yet
    for _ in range(2):
        bind(path, {"audit.key": [OURS], "audit.seal": [NEWER]})
    check(path, {"audit.key": [OURS], "audit.seal": [NEWER]})
    for use in (bind, check):
        with pytest.raises(ConfigError, match="not all keys of this audit log"):
            use(path, {"audit.key": [THEIRS]})
    check(path, {"audit.key": [OURS]})


def test_a_key_that_was_rotated_takes_the_place_of_the_one_before(path: Path) -> None:
    bind(path, {"audit.key": [OURS]})
    bind(path, {"audit.key": [NEWER, OURS]})
    check(path, {"audit.key": [NEWER, OURS]})
    for use in (bind, check):
        for lacking in (OURS, NEWER):  # the new one, or the one before, by which the older entries are found
            with pytest.raises(ConfigError, match="not all keys of this audit log; bring the files that"):
                use(path, {"audit.key": [lacking]})
    with pytest.raises(ConfigError, match="not all keys of this audit log; bring the files that"):
        bind(path, {"audit.key": [OURS, NEWER]})


def test_where_there_is_no_log_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no audit log here yet, or it is damaged"):
        check(tmp_path / "none.sqlite", {"audit.key": [OURS]})
