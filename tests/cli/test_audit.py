"""`cps audit list`: by child, practitioner and time, as a table and as JSON; and what it refuses."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from gateway.audit import Entry, Sealer, load_tokeniser, writer
from gateway.audit.checkpoint import ORIGIN, HeadSigner
from gateway.audit.entry import Row
from gateway.audit.sequencer import Sequencer
from gateway.audit.store import Store
from tests.audit.entries import KEY, TOKENISER, entry
from tests.cli.run import Cps, Result

NHS, CHILD = "9990000018", "kQ3vX9pLm2Zt7RbYc5WdNg"


def write(data: Path, *made: Entry) -> Path:
    data.mkdir(exist_ok=True)
    (data / "audit.key").touch(0o600)
    (data / "audit.key").write_bytes(KEY)
    store = Store(data / "audit.sqlite")
    store.write(map(Row.of, made))
    store.close()
    return data


@pytest.fixture
def data(tmp_path: Path) -> Path:
    now = time.time()
    return write(
        tmp_path / "data",
        entry(audit_id="old", subject="first", time=1_000.0, asked=(NHS,), children=(CHILD,)),
        entry(audit_id="yesterday", subject="second", time=now - 86_000, children=(CHILD,)),
        entry(audit_id="now", subject="first", time=now - 60, asked=("9990000026",)),
    )


def listed(result: Result) -> list[str]:
    assert result.status == 0
    return [orjson.loads(line)["audit_id"] for line in result.out.splitlines()]


def test_as_json_each_line_is_an_entry(cps: Cps, data: Path) -> None:
    result = cps("audit", "list", "--data", data, "--json")
    assert listed(result) == ["now", "yesterday", "old"]
    first = orjson.loads(result.out.splitlines()[0])
    assert first["seq"] == 3
    assert first["operation"] == "query { agencies }"
    assert first["roles"] == ["social_worker"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("--child", NHS), ["yesterday", "old"]),
        (("--child", "999 000 0018"), ["yesterday", "old"]),
        (("--child", CHILD), ["yesterday", "old"]),
        (("--child", "9990000034"), []),
        (("--practitioner", "first"), ["now", "old"]),
        (("--practitioner", "nobody"), []),
        (("--since", "10m"), ["now"]),
        (("--since", "24h"), ["now", "yesterday"]),
        (("--since", "7d"), ["now", "yesterday"]),
        (("--since", "1970-01-01T00:16:40"), ["now", "yesterday", "old"]),
        (("--since", "1970-01-01T00:16:41"), ["now", "yesterday"]),
        (("--since", "1970-01-01T01:16:40+01:00"), ["now", "yesterday", "old"]),
        (("--since", "1970-01-02"), ["now", "yesterday"]),
        (("--limit", "1"), ["now"]),
        (("--child", NHS, "--practitioner", "first", "--since", "1970-01-01"), ["old"]),
    ],
)
def test_what_is_listed(cps: Cps, data: Path, more: tuple[str, ...], expected: list[str]) -> None:
    assert listed(cps("audit", "list", "--data", data, "--json", *more)) == expected


@pytest.mark.parametrize(("child", "known"), [(NHS, True), (CHILD, True), ("9990000026", False), ("9990000034", False)])
def test_an_identifier_of_which_no_child_is_known_is_said(cps: Cps, data: Path, child: str, known: bool) -> None:
    """An empty list must not read as "nobody saw this child" where the log can't tell."""
    err = cps("audit", "list", "--data", data, "--json", "--child", child).err
    assert ("the log does not know whose identifier this is" in err) is not known


def test_the_table_says_who_when_and_why(cps: Cps, data: Path) -> None:
    status, out, _ = cps("audit", "list", "--data", data, "--practitioner", "second")
    assert status == 0
    day = datetime.fromtimestamp(time.time() - 86_000, UTC).strftime("%Y-%m-%d")
    for word in ("second", "social_worker", "380", "S47", "ANSWERED", "index", day):
        assert word in out
    assert "first" not in out
    assert CHILD not in out


@pytest.mark.parametrize("subject", ["[/x]", "[bold]me[/bold]", "a\x1b[2Jb", "[link=http://evil.example]x[/link]"])
def test_a_subject_is_shown_as_it_is_and_does_nothing(cps: Cps, tmp_path: Path, subject: str) -> None:
    data = write(tmp_path / "data", entry(subject=subject))
    status, out, _ = cps("audit", "list", "--data", data)
    assert status == 0
    assert "\x1b[2J" not in out
    assert subject.replace("\x1b", "") in out


@pytest.mark.parametrize(
    "since", ["yesterday", "7", "7w", "-7d", "d", "2026-13-01", "999999999999d", "\u00b2h", "1e3h", " "]
)
def test_a_time_that_is_none_is_status_2(cps: Cps, data: Path, since: str) -> None:
    status, out, err = cps("audit", "list", "--data", data, f"--since={since}")
    assert (status, out) == (2, "")
    assert "--since is a time or a length such as 24h" in err


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "x"])
def test_a_limit_out_of_range_is_status_2(cps: Cps, data: Path, limit: str) -> None:
    assert cps("audit", "list", "--data", data, f"--limit={limit}").status == 2


def test_without_a_log_it_says_so_and_makes_nothing(cps: Cps, tmp_path: Path) -> None:
    status, out, err = cps("audit", "list", "--data", tmp_path / "nothing")
    assert (status, out) == (2, "")
    assert "no audit log" in err
    assert list(tmp_path.iterdir()) == []


def test_without_its_key_it_never_says_that_there_is_nothing(cps: Cps, data: Path) -> None:
    (data / "audit.key").unlink()
    status, out, err = cps("audit", "list", "--data", data, "--child", NHS)
    assert (status, out) == (2, "")
    assert "audit key" in err
    assert not (data / "audit.key").exists()


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_key_of_another_length_is_status_2(cps: Cps, data: Path, content: bytes) -> None:
    (data / "audit.key").write_bytes(content)
    status, _, err = cps("audit", "list", "--data", data)
    assert status == 2
    assert "audit key" in err


@pytest.mark.parametrize("content", [b"", b"noise " * 1_000])
def test_a_file_that_is_no_log_is_status_2(cps: Cps, data: Path, content: bytes) -> None:
    for path in data.glob("audit.sqlite*"):
        path.unlink()
    (data / "audit.sqlite").write_bytes(content)
    status, _, err = cps("audit", "list", "--data", data)
    assert status == 2
    assert "audit log" in err


def test_a_key_of_pseudonyms_that_was_rotated_is_still_found_by(cps: Cps, tmp_path: Path) -> None:
    """Under the old key the child was found by her NHS number, under the new one by her UPN: both are her entries."""
    seal = Sealer(KEY)
    data = tmp_path / "data"
    old = entry(audit_id="old", asked=(NHS,), children=(CHILD,))
    old.sealed = seal.seal({TOKENISER.token(CHILD): CHILD, TOKENISER.token(NHS): NHS})
    write(data, old)
    given = ("audit", "rotate", "--data", data, "pseudonyms")
    assert cps(*given).status == 2  # what is under the old key could not be found by what is under the new
    (data / "audit.seal").touch(0o600)
    (data / "audit.seal").write_bytes(KEY)
    assert cps(*given).out == "set aside as audit.key.1\n"
    tokeniser = load_tokeniser(data / "audit.key", make=True)
    assert tokeniser.keys == 2
    upn, child = tokeniser.token("Q380200125001"), tokeniser.token(CHILD)
    assert child != TOKENISER.token(CHILD)
    new = replace(entry(audit_id="new"), identifiers=(upn,), children=(child,), links=((upn, child),))
    new.sealed = seal.seal({child + "": CHILD})
    store = Store(data / "audit.sqlite")
    store.write([Row.of(new)])
    store.close()
    for by in (CHILD, "Q380200125001", child, TOKENISER.token(CHILD), NHS):
        found = listed(cps("audit", "list", "--data", data, "--json", "--child", by))
        assert [each for each in found if each in ("old", "new")] == ["new", "old"], by
    assert cps("audit", "list", "--data", data, "--json", "--outcome", "KEY_ROTATED").out.count("pseudonyms") == 1


def test_heads_under_a_key_that_was_rotated_are_verified_too(cps: Cps, tmp_path: Path) -> None:
    data = write(tmp_path / "data", entry(audit_id="a"))
    path = data / "audit.sqlite"
    for name in ("b", "c"):
        store = Store(path)
        store.write([Row.of(entry(audit_id=name))])
        Sequencer(store, HeadSigner.of_file(ORIGIN, path.with_suffix(".signing"))).sequence(closing=True)
        store.close()
        assert cps("audit", "rotate", "--data", data, "heads").status == 0
    assert cps("audit", "verify", "--store", path).status == 2  # the next start makes the new one
    HeadSigner.of_file(ORIGIN, path.with_suffix(".signing"))
    result = cps("audit", "verify", "--store", path)
    assert (result.status, result.out.split(" heads")[0]) == (0, "4 leaves, 2 signed")


def test_no_key_is_rotated_under_a_running_gateway(cps: Cps, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LOCK_SECONDS", 0.1)
    with writer.only_writer(data / "audit.sqlite"):
        assert cps("audit", "rotate", "--data", data, "heads").status != 0


def test_whoever_reads_by_the_command_is_in_the_log_with_whom_it_was_about(cps: Cps, data: Path) -> None:
    for number, what in enumerate(("list", "count", "report")):
        more = ("--out", data / "report.html") if what == "report" else ("--by", "agency") if what == "count" else ()
        assert cps("audit", what, "--data", data, "--child", CHILD, *more).status == 0
        (noted, *earlier) = cps("audit", "list", "--data", data, "--json", "--outcome", "LOG_READ").out.splitlines()
        read = [line for line in (noted, *earlier) if what in line]
        assert read, what
        assert TOKENISER.token(CHILD) in read[-1], number
