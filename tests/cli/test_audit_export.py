"""`cps audit export`, and `cps audit verify --export`."""

from __future__ import annotations

from pathlib import Path

from tests.audit.logs import KEY, Log
from tests.cli.run import Cps


def test_an_export_is_written_and_verified(tmp_path: Path, cps: Cps) -> None:
    log = Log(tmp_path)
    log.write(12)
    out = tmp_path / "log.csv"
    wrote = cps("audit", "export", "--store", log.path, "--format", "csv", "--out", out)
    assert (wrote.status, wrote.out) == (0, "12 entries, leaves 0 to 11, and their proof\n")
    held = cps("audit", "verify", "--export", out, "--key", KEY)
    assert held.status == 0
    assert held.out.startswith("12 leaves, 1 signed heads")
    out.write_bytes(out.read_bytes().replace(b",a7,", b",b7,", 1))
    broken = cps("audit", "verify", "--export", out, "--key", KEY)
    assert broken.status == 1
    assert "leaf 6" in broken.err
