"""The supergraph as it was composed last, kept in a file: who starts again over the same SDLs need not compose them.

What is kept is of these SDLs and of this composer, byte for byte; whatever else the file holds is as if it were not
there. It is kept beside the gateway's keys and trusted as they are: a file that others could have written is not read.
A crash may leave a draft of it, which nothing reads.
"""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

import graphql
import orjson
from blake3 import blake3

from authz.private_file import replace_private

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition import SubgraphSource

MAX_BYTES: Final = 64 * 1024 * 1024
_CODE: Final = Path(__file__).parents[2]
_COMPOSER: Final = (
    "authz",
    "gateway/composition",
    "gateway/querygraph",
    "gateway/supergraph",
    "gateway/errors.py",
)
"""All of ours that composition imports (tested)."""

COMPOSED: Final = "composed.json"
"""The file, beside the gateway's keys."""

log = logging.getLogger("gateway.registry")


class KeptSupergraph:
    """One supergraph's SDL in a file, `{of, digest, supergraph}` as JSON."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, sources: Sequence[SubgraphSource]) -> str | None:
        """The supergraph's SDL as it was composed of these; None where it is not known."""
        made_of = _made_of(sources)
        if made_of is None:
            return None
        try:
            kept = orjson.loads(_content(self._path))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("`%s` is not read: %s", self._path.name, type(error).__name__)
            return None
        if not isinstance(kept, dict) or kept.get("of") != made_of:
            return None
        sdl = kept.get("supergraph")
        if not isinstance(sdl, str) or kept.get("digest") != _digest(sdl.encode()):
            log.warning("`%s` is not as it was written", self._path.name)
            return None
        return sdl

    def latest(self) -> str | None:
        """The SDL that was kept last, whatever it was composed of; None where there is none that can be read."""
        try:
            kept = orjson.loads(_content(self._path))
        except (OSError, ValueError):
            return None
        sdl = kept.get("supergraph") if isinstance(kept, dict) else None
        return sdl if isinstance(sdl, str) and kept.get("digest") == _digest(sdl.encode()) else None

    def keep(self, sources: Sequence[SubgraphSource], sdl: str) -> None:
        """Keep what was composed of these; where that can't be, it is composed again next time."""
        made_of = _made_of(sources)
        content = orjson.dumps({"of": made_of, "digest": _digest(sdl.encode()), "supergraph": sdl})
        if made_of is None or len(content) > MAX_BYTES:
            return
        try:
            replace_private(self._path, content)
        except OSError as error:
            log.warning("the supergraph can't be kept in `%s`: %s", self._path.name, type(error).__name__)


def has_code_changed() -> bool:
    """Whether what composes is another on the disk than when this process began, which may have loaded half of it."""
    return _composer() != _AT_START


def _content(path: Path) -> bytes:
    """What is in a file of ours that nobody else can write; raises `OSError`."""
    number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)  # nor a pipe that never ends
    with os.fdopen(number, "rb") as file:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise PermissionError
        return file.read(MAX_BYTES)


def _made_of(sources: Sequence[SubgraphSource]) -> str | None:
    """What a supergraph depends on: each subgraph's name, address and SDL, and who composes. None: that is unknown."""
    if _AT_START is None:
        return None
    parts = [
        (source.name, source.url, source.sdl, sorted(source.exceptions))
        for source in sorted(sources, key=lambda source: source.name)
    ]
    return _digest(orjson.dumps([_AT_START, parts]))


def _composer() -> str | None:
    """This code and the library's version; None where the code is not there to be read."""
    try:
        files = [path for name in _COMPOSER for path in _modules(_CODE / name)]
        texts = [(path.relative_to(_CODE).as_posix(), _digest(path.read_bytes())) for path in files]
    except OSError:
        return None
    return _digest(orjson.dumps([graphql.__version__, texts])) if texts else None


def _modules(path: Path) -> list[Path]:
    return [path] if path.suffix else sorted(path.rglob("*.py"))


def _digest(content: bytes) -> str:
    return blake3(content).hexdigest()


_AT_START: Final = _composer()
