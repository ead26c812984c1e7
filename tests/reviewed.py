"""Texts as they were reviewed, in files beside the tests that hold what is made against them.

`CPS_UPDATE_SNAPSHOTS=1` writes the files anew, to be read before they are kept.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

UPDATE: Final = os.environ.get("CPS_UPDATE_SNAPSHOTS") == "1"


def expect(path: Path, found: str) -> None:
    """Hold a text against its file."""
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")
