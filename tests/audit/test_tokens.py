"""Tokens and the key that makes them."""

from __future__ import annotations

import hmac
import os
import stat
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import Tokeniser, load_key
from gateway.audit.tokens import KEY_BYTES
from gateway.errors import ConfigError

TOKENISER = Tokeniser(b"a" * KEY_BYTES)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9990000018", "999 000 0018"),
        ("9990000018", " 999\t000\u00a00018\n"),
        ("Q380200125001", "q380200125001"),
        ("13:P0004711", "13:p000 4711"),
    ],
)
def test_space_and_case_do_not_count(one: str, other: str) -> None:
    assert TOKENISER.token(one) == TOKENISER.token(other)


@given(st.text(), st.text())
def test_tokens_are_equal_only_for_equal_identifiers(one: str, other: str) -> None:
    def plain(text: str) -> str:
        return "".join(text.split()).upper()

    assert (TOKENISER.token(one) == TOKENISER.token(other)) == (plain(one) == plain(other))


def test_a_token_depends_on_the_key_and_shows_nothing() -> None:
    token = TOKENISER.token("9990000018")
    assert len(token) == 32
    int(token, 16)
    assert token != Tokeniser(b"b" * KEY_BYTES).token("9990000018")
    assert "999" not in token.replace(token, "")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["x", "y"]), JSON))
def test_nothing_of_a_value_is_kept(values: dict[str, object]) -> None:
    """Only the shape, booleans and nulls stay; every text and number is a token."""
    kept, found = TOKENISER.variables(values)

    def check(before: object, after: object) -> None:
        if isinstance(before, bool) or before is None:
            assert after is before
        elif isinstance(before, list):
            assert isinstance(after, list)
            for b, a in zip(before, after, strict=True):
                check(b, a)
        elif isinstance(before, dict):
            assert isinstance(after, dict)
            for b, a in zip(before.values(), after.values(), strict=True):
                check(b, a)
        else:
            assert after == TOKENISER.token(str(before))

    check(values, kept)
    assert len(set(found)) == len(found)


def test_a_number_has_the_token_of_its_text() -> None:
    kept, found = TOKENISER.variables({"a": 9990000018, "b": "999 000 0018", "c": ["9990000018"]})
    assert set(found) == {TOKENISER.token("9990000018")}
    assert kept["a"] == kept["b"]


# the key


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "audit.key"
    mask = os.umask(0)
    try:
        key = load_key(path, make=True)
    finally:
        os.umask(mask)
    assert len(key) == KEY_BYTES
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_key(path, make=True) == load_key(path, make=False) == key
    assert list(path.parent.iterdir()) == [path]
    assert load_key(tmp_path / "other.key", make=True) != key


def test_a_reader_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="can't be had: No such file or directory"):
        load_key(tmp_path / "audit.key", make=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"short", b"x" * (KEY_BYTES + 1)])
def test_a_key_of_another_length_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "audit.key"
    path.write_bytes(content)
    path.chmod(0o600)
    for make in (True, False):
        with pytest.raises(ConfigError, match="bytes"):
            load_key(path, make=make)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "audit.key"
    load_key(path, make=True)
    path.chmod(mode)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_key(path, make=True)


def test_a_key_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path, tmp_path / "file" / "audit.key"):
        with pytest.raises(ConfigError, match="the audit key"):
            load_key(path, make=True)


def test_a_draft_that_a_crash_left_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    path.with_suffix(f".{os.getpid()}").write_bytes(b"")
    path.with_suffix(".key.tmp").write_bytes(b"")
    assert len(load_key(path, make=True)) == KEY_BYTES


def test_processes_that_make_it_at_once_have_the_same_key(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    gate = tmp_path / "gate"
    code = (
        "import sys, time; from pathlib import Path; from gateway.audit import load_key\n"
        "gate = Path(sys.argv[1]); print('ready', flush=True)\n"
        "while not gate.exists(): pass\n"
        "print(load_key(gate.with_name('audit.key'), make=True).hex())"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(gate)], stdout=subprocess.PIPE, text=True, cwd=root)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    gate.touch()
    keys = {process.communicate(timeout=20)[0] for process in processes}
    assert [process.returncode for process in processes] == [0, 0, 0, 0]
    assert keys == {(tmp_path / "audit.key").read_bytes().hex() + "\n"}
    assert sorted(found.name for found in tmp_path.iterdir()) == ["audit.key", "gate"]


@pytest.mark.parametrize("key", [b"k" * 32, b"short", b"x" * 64, b"long" * 40])
@pytest.mark.parametrize("text", ["9990000018", "", "ÄÖÜ é", "x" * 500])
def test_a_token_is_hmac_sha_256(key: bytes, text: str) -> None:
    """RFC 2104."""
    plain = "".join(text.split()).upper().encode()
    assert Tokeniser(key).token(text) == hmac.new(key, plain, sha256).hexdigest()[:32]
    assert Tokeniser(key).token(text) == Tokeniser(key).token(text)


@pytest.mark.parametrize(("length", "sealed"), [(5, False), (6, True), (100, True), (101, False), (200_000, False)])
def test_what_is_too_short_or_too_long_to_identify_is_not_sealed(length: int, sealed: bool) -> None:
    text = "n" * length
    kept, identifiers = TOKENISER.variables({"why": text})
    assert kept == {"why": TOKENISER.token(text)}
    assert identifiers == ({TOKENISER.token(text): text} if sealed else {})
