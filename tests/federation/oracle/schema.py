"""One schema divided over subgraphs: what each type is, and which subgraphs have which part of it.

Subgraphs are numbered. A name in `of` or `members` is that of an `Entity`, `Interface`, `Union`, `Value` or scalar.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from hypothesis.vendor.pretty import RepresentationPrinter

from gateway.supergraph.selections import Field as Selected
from gateway.supergraph.selections import SelectionSet, parse_field_set
from tests.federation.values import Json

Wrap: TypeAlias = tuple[bool, ...]
"""Which levels of a type may not be null: one for each list, from the outermost, and the last for what is in them."""

SCALARS: Final = ("Int", "String")
NOTE: Final = "Note"
"""A type without a key, a member of the union: every subgraph that has it has all of it."""


def written(of: str, wrap: Wrap) -> str:
    """A type in GraphQL's own words."""
    text = of + "!" * wrap[-1]
    for required in reversed(wrap[:-1]):
        text = f"[{text}]" + "!" * required
    return text


def strictest(wraps: Iterator[Wrap]) -> Wrap:
    """The type whose values are values of all."""
    return tuple(any(levels) for levels in zip(*wraps, strict=True))


def widest(wraps: Iterator[Wrap]) -> Wrap:
    """The type that has the values of all."""
    return tuple(all(levels) for levels in zip(*wraps, strict=True))


@dataclass(slots=True)
class Field:
    """A field. `wraps` are its types in the subgraphs that resolve it; `lost_by` is one from which they take it.

    `requires` is a field set, `provides` one for each subgraph that provides something. `relied_on`: others require
    the field, so that its value is whole; `reached_through`: others require what is inside it, so that it is not null.
    """

    name: str
    of: str
    wraps: dict[int, Wrap]
    arguments: str = ""
    requires: str = ""
    provides: dict[int, str] = field(default_factory=dict)
    lost_by: int | None = None
    provided: bool = False
    relied_on: bool = False
    reached_through: bool = False

    @property
    def strictest(self) -> Wrap:
        return strictest(iter(self.wraps.values()))

    @property
    def graphs(self) -> list[int]:
        """The subgraphs that speak of the field, those that have lost it too."""
        return [*self.wraps, *(() if self.lost_by is None else (self.lost_by,))]


class Key(NamedTuple):
    fields: str
    resolvable: bool = True


@dataclass(slots=True)
class Entity:
    """A type with keys, made of `id`, `k`, `o { a }` and, for all but the first, `p { id }`: the entity before it.

    `keys` are those that each of its subgraphs knows it by; the `hub` knows all.
    """

    number: int
    hub: int
    keys: dict[int, list[Key]] = field(default_factory=dict)
    fields: list[Field] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"T{self.number}"

    @property
    def before(self) -> str:
        return f"T{self.number - 1}"

    def known(self, graph: int) -> list[str]:
        """The key fields that a subgraph has."""
        names = (s.name for key in self.keys[graph] for s in parse_field_set(key.fields) if isinstance(s, Selected))
        return list(dict.fromkeys(names))

    def entered(self) -> list[int]:
        """The subgraphs that find one of it by a key."""
        return sorted(graph for graph, keys in self.keys.items() if any(key.resolvable for key in keys))


@dataclass(slots=True)
class Interface:
    """An interface of entities. `common` are fields of all members; `keyed` are the subgraphs where it has `key`.

    Subgraph `whole`, if any, knows it as one object type, the interface object, that adds `fields`.
    """

    name: str
    members: list[str]
    common: list[str] = field(default_factory=list)
    graphs: set[int] = field(default_factory=set)
    key: str = "id"
    keyed: set[int] = field(default_factory=set)
    whole: int | None = None
    fields: list[Field] = field(default_factory=list)


@dataclass(slots=True)
class Union:
    name: str
    members: list[str]
    graphs: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Value:
    """A type without a key: each of its fields is in some of its subgraphs."""

    name: str
    fields: list[Field] = field(default_factory=list)


@dataclass(slots=True)
class Federation:
    """`mismatched`: subgraphs may differ on what is null. `broken`: values may be errors, or null where none may be."""

    graphs: int
    mismatched: bool = False
    broken: bool = False
    entities: dict[str, Entity] = field(default_factory=dict)
    interfaces: dict[str, Interface] = field(default_factory=dict)
    unions: dict[str, Union] = field(default_factory=dict)
    values: dict[str, Value] = field(default_factory=dict)
    roots: dict[str, list[Field]] = field(default_factory=dict)
    data: dict[str, Json] = field(default_factory=dict)

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        """A failing test prints the SDLs and the data: nobody reads this object's own parts."""
        printer.text(f"<{len(self.entities)} entities in {self.graphs} subgraphs>")

    def owners(self) -> Iterator[tuple[str, Field]]:
        """Every field, with the name of its type."""
        for name, roots in self.roots.items():
            yield from ((name, f) for f in roots)
        owners: list[Entity | Interface | Value] = [
            *self.entities.values(),
            *self.interfaces.values(),
            *self.values.values(),
        ]
        for owner in owners:
            yield from ((owner.name, f) for f in owner.fields)

    def field(self, type_name: str, name: str) -> Field | None:
        return next((f for owner, f in self.owners() if owner == type_name and f.name == name), None)

    def allowed(self, type_name: str, graph: int) -> bool:
        """Whether a subgraph may know a type: none has an interface object beside its members, or a union of none."""
        if type_name in self.entities:
            return all(i.whole != graph or type_name not in i.members for i in self.interfaces.values())
        if type_name in self.interfaces:
            interface = self.interfaces[type_name]
            return interface.whole == graph or any(self.allowed(member, graph) for member in interface.members)
        if type_name in self.unions:
            return any(self.allowed(member, graph) for member in self.unions[type_name].members)
        return True

    def members(self, type_name: str, graph: int) -> list[str]:
        """The object types that a subgraph knows a type's values to be."""
        if type_name in self.interfaces:
            interface = self.interfaces[type_name]
            return [m for m in interface.members if graph in (*self.entities[m].keys, interface.whole)]
        if type_name in self.unions:
            return [m for m in self.unions[type_name].members if m == NOTE or graph in self.entities[m].keys]
        return [type_name]

    def possible(self, field_: Field) -> list[str]:
        """The object types of a field's values: those that every subgraph which resolves it can give."""
        first, *rest = (self.members(field_.of, graph) for graph in field_.wraps)
        return [name for name in first if all(name in other for other in rest)]

    def inside(self, type_name: str, graph: int) -> list[Field]:
        """The fields that a subgraph resolves on an object type, keys apart."""
        fields = self.entities[type_name].fields if type_name in self.entities else self.values[type_name].fields
        return [f for f in fields if graph in f.wraps]

    def external(self, graph: int) -> dict[tuple[str, str], None]:
        """The fields, by type and name, that a subgraph speaks of and leaves to others."""
        found: dict[tuple[str, str], None] = {}

        def walk(selections: SelectionSet, type_name: str) -> None:
            for selection in selections:
                if not isinstance(selection, Selected):
                    walk(selection.selections, selection.type_name)
                    continue
                field_ = self.field(type_name, selection.name)
                if field_ is None and type_name in self.interfaces:
                    found[type_name, selection.name] = None  # an interface object requires what members have
                elif field_ is not None:
                    if graph not in field_.wraps:
                        found[type_name, selection.name] = None
                    walk(selection.selections, field_.of)

        for owner, field_ in self.owners():
            if graph in field_.wraps and field_.requires:
                walk(parse_field_set(field_.requires), owner)
            if graph in field_.provides:
                walk(parse_field_set(field_.provides[graph]), field_.of)
        return found
