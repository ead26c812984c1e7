"""What composition answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gateway.supergraph import Supergraph


class Place(NamedTuple):
    """Where in a subgraph's SDL; lines and columns count from 1."""

    subgraph: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.subgraph}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class CompositionError:
    """`code` is Federation's error code."""

    code: str
    message: str
    locations: tuple[Place, ...] = ()

    def __str__(self) -> str:
        where = f" ({', '.join(map(str, self.locations))})" if self.locations else ""
        return f"{self.code}: {self.message}{where}"


@dataclass(frozen=True, slots=True)
class Hint:
    """Something worth knowing that stands in no way; `level` is WARN, INFO or DEBUG."""

    code: str
    level: str
    message: str
    coordinate: str


@dataclass(frozen=True, slots=True)
class CompositionResult:
    """`supergraph` is its SDL, None where there are errors; `read` is the same as it is read from that SDL."""

    supergraph: str | None
    errors: tuple[CompositionError, ...] = ()
    hints: tuple[Hint, ...] = ()
    read: Supergraph | None = field(default=None, repr=False, compare=False)


def listed(names: Iterable[str]) -> str:
    """Names as a message gives them."""
    return ", ".join(f"`{name}`" for name in names)
