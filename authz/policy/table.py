"""Expected decisions as a table that people read and sign: what `cps policy test` holds policies against.

A line says for some purposes, some relationships and a role what is given of each category: `R` read, `S` that
something exists and who leads it, `O` and `o` the same of what the own agency holds, `-` nothing; `+` after it adds
what only its owner's own people see. Relationships are kinds, `none`, `team`, `claimed`, `break_glass`, `shielded`,
several at once with `&`; `related` is `team` and each kind, and `any` is each of all these. Of lines that speak of the
same the last counts, and what no line speaks of is denied.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Final

from authz.errors import PolicyError
from authz.policy.names import LEVELS, PolicyName
from authz.principal import Principal, Purpose, Role
from authz.standing import Kind, Standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from authz.policy.decide import Policies

CELLS: Final = ("R", "S", "O", "o", "-", "R+", "S+", "O+", "-+")
RELATIONSHIPS: Final = (
    "none",
    "team",
    *(kind.value for kind in Kind),
    "core_group&on_roll",
    "claimed",
    "break_glass",
    "shielded",
)


_MEANT: Final = {"any": RELATIONSHIPS, "related": ("team", *(kind.value for kind in Kind), "core_group&on_roll")}


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    purposes: tuple[Purpose, ...]
    relationships: tuple[str, ...]
    role: Role
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`columns` are the categories that each line has a cell of."""

    columns: tuple[str, ...]
    lines: tuple[Line, ...]

    def expected(self) -> dict[tuple[Role, Purpose, str], tuple[str, ...]]:
        """The cells of each role, purpose and relationship, whether or not a line speaks of them."""
        nothing = ("-",) * len(self.columns)
        found = dict.fromkeys(product(Role, Purpose, RELATIONSHIPS), nothing)
        for line in self.lines:
            found.update(dict.fromkeys(product((line.role,), line.purposes, line.relationships), line.cells))
        return found


def read_table(text: str) -> Table:
    """A table; raises `PolicyError` with the line's number where one can't be read."""
    columns: tuple[str, ...] = ()
    lines: list[Line] = []
    for number, written in enumerate(text.splitlines(), 1):
        words = written.split("#")[0].split()
        if words and not columns:
            columns = tuple(words[3:])
            if words[:3] != ["purposes", "relationships", "role"] or not columns:
                raise PolicyError(f"line {number}: `purposes relationships role` and the categories are expected")
        elif words:
            lines.append(_line(number, words, len(columns)))
    if not lines:
        raise PolicyError("the table of expected decisions has no line")
    return Table(columns, tuple(lines))


def _line(number: int, words: list[str], width: int) -> Line:
    try:
        purposes = tuple(map(Purpose, words[0].split(",")))
        role = Role(words[2])
    except (ValueError, IndexError) as error:
        raise PolicyError(f"line {number}: {error}") from error
    relationships = tuple(name for word in words[1].split(",") for name in _MEANT.get(word, (word,)))
    unknown = [word for word in relationships if word not in RELATIONSHIPS]
    cells = tuple(words[3:])
    if unknown:
        raise PolicyError(f"line {number}: `{unknown[0]}` is no relationship: {', '.join(RELATIONSHIPS)}, any")
    if len(cells) != width or not set(cells) <= set(CELLS):
        raise PolicyError(f"line {number}: {width} cells are expected, each of {' '.join(CELLS)}")
    return Line(number, purposes, relationships, role, cells)


def differences(policies: Policies, table: Table) -> Iterator[str]:
    """Each decision that is not as the table has it."""
    for (role, purpose, relationship), cells in table.expected().items():
        asking = Principal("s", "https://issuer.example", "client", (role,))
        standing = standing_called(relationship)
        for (category, cell), level, own in product(zip(table.columns, cells, strict=True), LEVELS, (True, False)):
            permitted = policies.permits((asking, purpose), PolicyName(category, level), standing, own=own)
            if permitted is not gives(cell, level, own=own):
                done = "permitted" if permitted else "denied"
                whose = "own agency's" if own else "another agency's"
                yield f"{role.value} {purpose.value} {relationship} {category}.{level} ({whose}): {done}"


def standing_called(relationship: str) -> Standing:
    """The standing that a word of a table stands for."""
    words = frozenset(relationship.split("&"))
    return Standing(
        relationships=words - {"none", "team", "claimed", "break_glass", "shielded"},
        team="team" in words,
        shielded="shielded" in words,
        break_glass="break_glass" in words,
        claimed="claimed" in words,
    )


def gives(cell: str, level: str, *, own: bool) -> bool:
    """Whether a cell gives what is of this level."""
    if level == "owner":
        return cell.endswith("+") and own
    given = cell[0]
    if given in ("O", "o") and not own:
        return False
    return given in ("R", "O") or (given in ("S", "o") and level == "summary")
