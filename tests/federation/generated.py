"""Random small federations with consistent data, and random queries over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from hypothesis.vendor.pretty import RepresentationPrinter

from tests.federation.values import Json, Record

LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@shareable", "@requires", "@external"])\n'
)
RECORDS: Final = 3


@dataclass(slots=True)
class Scalar:
    """A field with a scalar value: `graphs` resolve it; `requires` names a field of the same type elsewhere."""

    name: str
    type: str
    graphs: list[int]
    arguments: bool = False
    requires: str | None = None


@dataclass(slots=True)
class Link:
    """A field that leads to another type (or to the union of all types, where `target` is None)."""

    name: str
    target: int | None
    list: bool
    graph: int


@dataclass(slots=True)
class Type:
    """A type; `keys` are those that each of its subgraphs knows it by, of `id`, `k` and `id k`."""

    number: int
    keys: dict[int, list[str]] = field(default_factory=dict)
    scalars: list[Scalar] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"T{self.number}"


@dataclass(slots=True)
class Federation:
    types: list[Type]
    roots: list[Link]
    graphs: int
    records: dict[str, list[Record]]
    root_values: Record

    def _repr_pretty_(self, printer: RepresentationPrinter, cycle: bool) -> None:
        """A failing test prints the SDLs and the data: nobody reads this object's own parts."""
        printer.text(f"<{len(self.types)} types in {self.graphs} subgraphs>")

    @property
    def whole(self) -> dict[str, Json]:
        return {"Query": self.root_values, **self.records}

    def sources(self) -> dict[str, tuple[str, Mapping[str, Json]]]:
        """Each subgraph's SDL and its part of the data."""
        return {f"g{graph}": (self._sdl(graph), self._data(graph)) for graph in range(self.graphs)}

    def _sdl(self, graph: int) -> str:
        lines = [LINK]
        roots = [f"  {r.name}: {self._returned(r)}" for r in self.roots if r.graph == graph]
        if roots:
            lines.append("type Query {\n" + "\n".join(roots) + "\n}")
        present = [t for t in self.types if graph in t.keys]
        for type_ in present:
            keys = "".join(f' @key(fields: "{key}")' for key in type_.keys[graph])
            known = dict.fromkeys(name for key in type_.keys[graph] for name in key.split())
            body = [f"  {name}: ID!" for name in known]
            external = {s.requires for s in type_.scalars if s.requires and graph in s.graphs}
            for scalar in type_.scalars:
                arguments = "(x: Int = 3, s: String)" if scalar.arguments else ""
                directives = " @shareable" if len(scalar.graphs) > 1 else ""
                directives += f' @requires(fields: "{scalar.requires}")' if scalar.requires else ""
                if graph in scalar.graphs:
                    body.append(f"  {scalar.name}{arguments}: {scalar.type}{directives}")
                elif scalar.name in external:
                    body.append(f"  {scalar.name}{arguments}: {scalar.type} @external")
            body += [f"  {link.name}: {self._returned(link)}" for link in type_.links if link.graph == graph]
            lines.append(f"type {type_.name}{keys} {{\n" + "\n".join(body) + "\n}")
        if self._has_union(graph):
            lines.append("union U = " + " | ".join(type_.name for type_ in self.types))
        return "\n".join(lines) + "\n"

    def _has_union(self, graph: int) -> bool:
        links = [*self.roots, *(link for type_ in self.types for link in type_.links)]
        return any(link.target is None and link.graph == graph for link in links)

    def _returned(self, link: Link) -> str:
        name = "U" if link.target is None else self.types[link.target].name
        return f"[{name}]" if link.list else name

    def _data(self, graph: int) -> dict[str, Json]:
        roots = {r.name: self._local(self.root_values[r.name], graph) for r in self.roots if r.graph == graph}
        data: dict[str, Json] = {"Query": roots}
        for type_ in self.types:
            if graph in type_.keys:
                mine = {name for key in type_.keys[graph] for name in key.split()}
                mine |= {s.name for s in type_.scalars if graph in s.graphs}
                mine |= {link.name for link in type_.links if link.graph == graph}
                data[type_.name] = [
                    {n: self._local(v, graph) for n, v in r.items() if n in mine} for r in self.records[type_.name]
                ]
        return data

    def _local(self, value: Json, graph: int) -> Json:
        """References by the keys that a subgraph knows."""
        if isinstance(value, list):
            return [self._local(item, graph) for item in value]
        if not isinstance(value, dict) or "$ref" not in value:
            return value
        type_ = next(t for t in self.types if t.name == value["$ref"])
        record = next(r for r in self.records[type_.name] if r["id"] == value["id"])
        known = dict.fromkeys(name for key in type_.keys[graph] for name in key.split())
        return {"$ref": type_.name, **{name: record[name] for name in known}}


_KEYS: Final[tuple[list[str], ...]] = (["id"], ["k"], ["id", "k"], ["id k"])
_SCALARS: Final = ("Int", "String", "Int!", "[Int]", "[String!]!")


@st.composite
def federations(draw: DrawFn) -> Federation:
    """A federation that composes: each type has one subgraph that knows all its keys."""
    graphs = draw(st.integers(2, 4))
    graph = st.integers(0, graphs - 1)
    types = [Type(number) for number in range(draw(st.integers(1, 3)))]
    for type_ in types:
        type_.keys[draw(graph)] = ["id", "k"]
        for other in draw(st.lists(graph, max_size=2, unique=True)):
            type_.keys.setdefault(other, draw(st.sampled_from(_KEYS)))
        for index in range(draw(st.integers(1, 4))):
            type_.scalars.append(_scalar(draw, type_, index))
        for index in range(draw(st.integers(0, 2))):
            type_.links.append(_link(draw, f"l{type_.number}_{index}", types, st.sampled_from(sorted(type_.keys))))
    roots = [_link(draw, f"q{index}", types, graph) for index in range(draw(st.integers(1, 3)))]
    for link in [*roots, *(link for type_ in types for link in type_.links)]:
        for type_ in types if link.target is None else [types[link.target]]:
            type_.keys.setdefault(link.graph, draw(st.sampled_from(_KEYS)))
    records = {type_.name: [_record(draw, type_, types, number) for number in range(RECORDS)] for type_ in types}
    return Federation(types, roots, graphs, records, {root.name: _linked(draw, root, types) for root in roots})


def _scalar(draw: DrawFn, type_: Type, index: int) -> Scalar:
    name = f"f{type_.number}_{index}"
    graphs = draw(st.lists(st.sampled_from(sorted(type_.keys)), min_size=1, max_size=2, unique=True))
    required = [s.name for s in type_.scalars if not s.arguments and graphs[0] not in s.graphs]
    if draw(st.booleans()) and required:
        return Scalar(name, "String", graphs[:1], requires=draw(st.sampled_from(required)))
    if draw(st.integers(0, 3)) == 0:
        return Scalar(name, "String", graphs, arguments=True)
    return Scalar(name, draw(st.sampled_from(_SCALARS)), graphs)


def _link(draw: DrawFn, name: str, types: list[Type], graph: st.SearchStrategy[int]) -> Link:
    target = draw(st.sampled_from([*range(len(types)), None] if len(types) > 1 else [0]))
    return Link(name, target, draw(st.booleans()), draw(graph))


def _record(draw: DrawFn, type_: Type, types: list[Type], number: int) -> Record:
    record: Record = {"id": f"{type_.name}-{number}", "k": f"{type_.name}+{number}"}
    for scalar in type_.scalars:
        if scalar.requires:
            record[scalar.name] = {"$template": f"{scalar.name} of {{{scalar.requires}}}"}
        elif scalar.arguments:
            record[scalar.name] = {"$template": f"{scalar.name} {number} {{args}}"}
        else:
            record[scalar.name] = _value(draw, scalar.type, number)
    record.update({link.name: _linked(draw, link, types) for link in type_.links})
    return record


def _value(draw: DrawFn, type_: str, number: int) -> Json:
    if not type_.endswith("!") and draw(st.integers(0, 4)) == 0:
        return None
    values = {"Int": number, "String": f"s{number}", "[Int]": [number, None], "[String!]!": [f"s{number}", ""]}
    return values[type_] if type_ in values else values[type_.removesuffix("!")]


def _linked(draw: DrawFn, link: Link, types: list[Type]) -> Json:
    def one() -> Json:
        if draw(st.integers(0, 4)) == 0:
            return None
        type_ = draw(st.sampled_from(types)) if link.target is None else types[link.target]
        return {"$ref": type_.name, "id": f"{type_.name}-{draw(st.integers(0, RECORDS - 1))}"}

    return [one() for _ in range(draw(st.integers(0, 3)))] if link.list else one()


# queries

VARIABLES: Final = ("v0", "v1")
_DEPTH: Final = 3


_Position: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class Writer:
    """Writes one query. `met` says what each response key means where it was used, so that none means two things."""

    draw: DrawFn
    federation: Federation
    met: dict[_Position, str] = field(default_factory=dict)

    def query(self) -> str:
        body = " ".join(self._link(root, ()) for root in self._some(self.federation.roots))
        text = f"{body} ... @include(if: $v0) {{ t: __typename }}"
        types = {"$x": "$x: Int", "$s": '$s: String = "d"', **{f"${v}": f"${v}: Boolean!" for v in VARIABLES}}
        declared = ", ".join(written for name, written in types.items() if name in text)
        return f"query({declared}) {{ {text} }}"

    def _some(self, options: list[Link]) -> list[Link]:
        return self.draw(st.lists(st.sampled_from(options), min_size=1, max_size=3))

    def _link(self, link: Link, position: _Position) -> str:
        key = self._key(position, link.name)
        below = self._union((*position, key)) if link.target is None else self._type(link.target, (*position, key))
        return f"{_aliased(key, link.name)}{self._directive()} {{ {below} }}"

    def _union(self, position: _Position) -> str:
        chosen = self.draw(st.lists(st.sampled_from(self.federation.types), min_size=1, max_size=3))
        parts = [f"... on {t.name}{self._directive()} {{ {self._type(t.number, position)} }}" for t in chosen]
        return " ".join([*parts, self._leaf("__typename", position)])

    def _type(self, number: int, position: _Position, fragments: int = 0) -> str:
        type_ = self.federation.types[number]
        parts: list[str] = []
        for _ in range(self.draw(st.integers(1, 4))):
            kind = self.draw(st.integers(0, 9))
            if kind >= 8 and type_.links and len(position) < _DEPTH:
                parts.append(self._link(self.draw(st.sampled_from(type_.links)), position))
            elif kind == 7 and fragments < 2:
                inner = self._type(number, position, fragments + 1)
                parts.append(f"... on {type_.name}{self._directive()} {{ {inner} }}")
            elif kind in (5, 6):
                parts.append(self._leaf(self.draw(st.sampled_from(("id", "k", "__typename"))), position))
            else:
                scalar = self.draw(st.sampled_from(type_.scalars))
                parts.append(self._leaf(scalar.name, position, self._arguments() if scalar.arguments else ""))
        return " ".join(parts)

    def _arguments(self) -> str:
        return self.draw(st.sampled_from(("", "(x: 1)", "(x: $x)", "(s: $s, x: 2)", '(s: "l")', "(x: null)")))

    def _leaf(self, name: str, position: _Position, arguments: str = "") -> str:
        key = self._key(position, name, arguments)
        return f"{_aliased(key, name)}{arguments}{self._directive()}"

    def _key(self, position: _Position, name: str, arguments: str = "") -> str:
        """A response key: the name, the name of a hidden key, or one of its own where those are taken."""
        meaning = name + arguments
        wanted = self.draw(st.sampled_from((name, name, name, "id", "k", "_1_id", "__own")))
        for key in (wanted, name):
            if key != "__own" and self.met.setdefault((*position, key), meaning) == meaning:
                return key
        key = f"a{len(self.met)}"
        self.met[*position, key] = meaning
        return key

    def _directive(self) -> str:
        kind = self.draw(st.integers(0, 9))
        if kind < 7:
            return ""
        return f" @{self.draw(st.sampled_from(('skip', 'include')))}(if: {self.draw(_CONDITIONS)})"


def _aliased(key: str, name: str) -> str:
    return name if key == name else f"{key}: {name}"


_CONDITIONS: Final = st.sampled_from(("$v0", "$v1", "true", "false"))


@st.composite
def queries(draw: DrawFn, federation: Federation) -> str:
    return Writer(draw, federation).query()


@st.composite
def variables(draw: DrawFn) -> dict[str, Json]:
    found: dict[str, Json] = {name: draw(st.booleans()) for name in VARIABLES}
    if draw(st.booleans()):
        found["x"] = draw(st.sampled_from((None, 7)))
    return found
