"""Random federations that compose: every way that satisfiability needs is there from the start.

Each entity has a hub that finds it by all of its keys, so that whoever knows it by one can go anywhere; subgraphs that
can't be entered (`resolvable: false`) resolve nothing that nobody else does.
"""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.federation.oracle.records import draw_data
from tests.federation.oracle.schema import (
    NOTE,
    SCALARS,
    Entity,
    Federation,
    Field,
    Interface,
    Key,
    Union,
    Value,
    Wrap,
    strictest,
)

_KEYS: Final = (("id",), ("k",), ("id", "k"), ("id k",), ("o { a }",), ("id", "o { a }"), ("k o { a }",))
_KEYS_BY_ENTITY: Final = (("p { id }",), ("id p { id }",), ("id", "k p { id }"))
_DEPTHS: Final = (0, 0, 0, 1, 1, 2)
ARGUMENTS: Final = "(x: Int = 3, s: String)"
LINK_ARGUMENTS: Final = "(n: Int)"


@st.composite
def federations(draw: DrawFn) -> Federation:
    """A federation with its data."""
    return _Drawing(draw).federation


class _Drawing:
    def __init__(self, draw: DrawFn) -> None:
        self.draw = draw
        self.federation = Federation(draw(st.integers(2, 4)))
        if draw(st.booleans()):
            self.federation.mismatched = True
        else:
            self.federation.broken = self.rarely(2)
        self.types()
        self.keys()
        self.fields()
        self.roots()
        self.settle()
        self.requirements()
        self.provisions()
        self.federation.data = draw_data(draw, self.federation)

    # choices

    def rarely(self, times: int) -> bool:
        """True once in so many times; shrinks to False."""
        return self.draw(st.integers(0, times - 1)) == times - 1

    def graph(self) -> int:
        return self.draw(st.integers(0, self.federation.graphs - 1))

    def some(self, options: list[str], least: int = 1) -> list[str]:
        chosen = self.draw(st.sets(st.sampled_from(options), min_size=least))
        return [option for option in options if option in chosen]

    # types and keys

    def types(self) -> None:
        """Entities, and the interfaces and the union over them."""
        federation = self.federation
        for number in range(self.draw(st.integers(1, 4))):
            federation.entities[f"T{number}"] = Entity(number, 0)
        names = list(federation.entities)
        for number in range(self.draw(st.integers(0, 2))):
            interface = Interface(f"I{number}", self.some(names))
            federation.interfaces[interface.name] = interface
            if self.rarely(3):
                interface.key = self.draw(st.sampled_from(("id", "k", "id k")))
                interface.keyed = {self.graph()}
                others = [graph for graph in range(federation.graphs) if graph not in interface.keyed]
                if self.draw(st.booleans()) and all(i.whole is None for i in federation.interfaces.values()):
                    interface.whole = self.draw(st.sampled_from(others))
        if self.draw(st.booleans()):
            federation.unions["U"] = Union("U", [*self.some(names), *([NOTE] if self.rarely(3) else [])])
        for interface in federation.interfaces.values():  # what another's interface object forbids
            interface.keyed = {
                graph for graph in interface.keyed if all(federation.allowed(m, graph) for m in interface.members)
            }
            if not interface.keyed:
                interface.whole = None

    def keys(self) -> None:
        """Which subgraphs know each entity, and by what."""
        for entity in self.federation.entities.values():
            graphs = [g for g in range(self.federation.graphs) if self.federation.allowed(entity.name, g)]
            entity.hub = self.draw(st.sampled_from(graphs))
            entity.keys[entity.hub] = [Key("id"), Key("k")]
            others: list[int] = self.draw(st.lists(st.sampled_from(graphs), max_size=2, unique=True))
            for graph in others:
                self.know(entity, graph)
        for interface in self.federation.interfaces.values():
            for graph in sorted(interface.keyed):
                interface.graphs.add(graph)
                for member in (self.federation.entities[name] for name in interface.members):
                    self.know(member, graph)
                    self.add_key(member, graph, Key(interface.key))

    def know(self, entity: Entity, graph: int) -> None:
        """Let a subgraph know an entity, by keys of its own."""
        if graph in entity.keys:
            return
        options: tuple[tuple[str, ...], ...] = _KEYS
        if entity.number and self.federation.allowed(entity.before, graph):
            options = (*_KEYS, *_KEYS_BY_ENTITY)
        keys = [Key(fields, not self.rarely(6)) for fields in self.draw(st.sampled_from(options))]
        entity.keys[graph] = keys
        if any("p {" in key.fields for key in keys) and not self.federation.allowed(entity.before, entity.hub):
            entity.keys[graph] = [Key("id")]
        for key in entity.keys[graph]:
            for part in ("o { a }", "p { id }"):
                if part in key.fields:
                    self.add_key(entity, entity.hub, Key(part))

    def add_key(self, entity: Entity, graph: int, key: Key) -> None:
        entity.keys[graph] = [known for known in entity.keys[graph] if known.fields != key.fields] + [key]

    # fields

    def fields(self) -> None:
        federation = self.federation
        for entity in federation.entities.values():
            for index in range(self.draw(st.integers(1, 3))):
                entity.fields.append(self.scalar(f"f{entity.number}_{index}", entity.entered(), entity))
            for index in range(self.draw(st.integers(0, 2))):
                entity.fields.append(self.link(f"l{entity.number}_{index}", entity.entered()))
        for interface in federation.interfaces.values():
            for index in range(self.draw(st.integers(0, 2))):
                self.common(interface, f"c{interface.name[1:]}_{index}")
            if interface.whole is not None:
                for index in range(self.draw(st.integers(1, 2))):
                    name = f"w{interface.name[1:]}_{index}"
                    made = self.scalar(name, [interface.whole]) if index == 0 else self.link(name, [interface.whole])
                    interface.fields.append(made)

    def roots(self) -> None:
        everywhere = list(range(self.federation.graphs))
        self.federation.roots["Query"] = [
            self.link(f"q{index}", everywhere) for index in range(self.draw(st.integers(1, 3)))
        ]
        if self.rarely(4):
            self.federation.roots["Query"].append(self.scalar("n", everywhere))
        if self.rarely(4):
            graphs: list[int] = self.draw(st.lists(st.sampled_from(everywhere), min_size=1, max_size=3))
            self.federation.roots["Mutation"] = [
                Field(f"m{index}", self.entity_for(graph), {graph: (False,)}, arguments=LINK_ARGUMENTS)
                for index, graph in enumerate(graphs)
            ]

    def entity_for(self, graph: int) -> str:
        options = [*self.federation.entities, *self.federation.interfaces]
        options = [name for name in options if self.federation.allowed(name, graph)]
        return self.draw(st.sampled_from(options)) if options else "Int"

    def scalar(self, name: str, graphs: list[int], entity: Entity | None = None) -> Field:
        if self.rarely(4):
            graph = self.draw(st.sampled_from(graphs))
            return Field(name, "String", {graph: (False,)}, arguments=ARGUMENTS)
        field = Field(name, self.draw(st.sampled_from(SCALARS)), {})
        self.divide(field, graphs)
        if entity is not None:
            stubs = [g for g in sorted(entity.keys) if g not in entity.entered()]
            if stubs and self.rarely(2):
                field.wraps[stubs[0]] = field.strictest
            others = [g for g in sorted(entity.keys) if g not in field.wraps]
            if others and self.rarely(5):
                field.lost_by = self.draw(st.sampled_from(others))
        return field

    def link(self, name: str, graphs: list[int]) -> Field:
        """A field that leads to an entity, an abstract type or a value of its own type."""
        first = self.draw(st.sampled_from(graphs))
        federation = self.federation
        options = [*federation.entities, *federation.interfaces, *federation.unions]
        options = [option for option in options if federation.allowed(option, first)]
        if not options or self.rarely(6):
            return self.embedded(name, graphs)
        field = Field(name, self.draw(st.sampled_from(options)), {})
        self.divide(field, [first, *(g for g in graphs if g != first and federation.allowed(field.of, g))], first)
        if self.rarely(5):
            field.arguments = LINK_ARGUMENTS
        return field

    def embedded(self, name: str, graphs: list[int]) -> Field:
        """A field with a type of its own, whose fields are divided over the field's subgraphs."""
        value = Value(f"V{name}")
        field = Field(name, value.name, {})
        self.divide(field, graphs)
        self.federation.values[value.name] = value
        for index in range(self.draw(st.integers(1, 2))):
            value.fields.append(self.scalar(f"v{index}", sorted(field.wraps)))
        for graph in field.wraps:  # none may be without fields
            if not any(graph in f.wraps for f in value.fields):
                value.fields[0].wraps[graph] = value.fields[0].strictest
        if self.rarely(3) and len(self.federation.values) < 3:
            value.fields.append(self.link(f"{name}v", sorted(field.wraps)))
        return field

    def common(self, interface: Interface, name: str) -> None:
        """A field of every member, each of which has it where it will."""
        first = self.federation.entities[interface.members[0]]
        kind = self.scalar if self.draw(st.booleans()) else self.link
        pattern = kind(name, first.entered())
        if pattern.of in self.federation.values:
            del self.federation.values[pattern.of]
            pattern = Field(name, "Int", {first.hub: (False,)})
        interface.common.append(name)
        first.fields.append(pattern)
        depth = len(pattern.strictest) - 1
        for member in (self.federation.entities[m] for m in interface.members[1:]):
            field = Field(name, pattern.of, {}, pattern.arguments)
            graphs = [graph for graph in member.entered() if self.federation.allowed(field.of, graph)]
            if not graphs:
                interface.common.remove(name)
                return
            self.divide(field, graphs, depth=depth)
            if self.federation.broken and interface.whole is not None:
                # of a value whose type was lost with it the gateway knows only the interface's own types
                field.wraps = dict.fromkeys(field.wraps, pattern.strictest)
            if pattern.arguments == ARGUMENTS:
                field.wraps = {min(field.wraps): (False,)}
            member.fields.append(field)

    def divide(self, field: Field, graphs: list[int], first: int | None = None, depth: int | None = None) -> None:
        """Choose the subgraphs that resolve a field, and its type there."""
        chosen = [first if first is not None else self.draw(st.sampled_from(graphs))]
        others = [graph for graph in graphs if graph not in chosen]
        if others and self.rarely(3):
            chosen.append(self.draw(st.sampled_from(others)))
        depth = self.draw(st.sampled_from(_DEPTHS)) if depth is None else depth
        wrap = self.wrap(depth)
        for graph in sorted(chosen):  # each type a subtype of those before: else they do not merge
            if self.federation.mismatched:
                wrap = strictest(iter((wrap, self.wrap(depth))))
            field.wraps[graph] = wrap

    def wrap(self, depth: int) -> Wrap:
        return tuple(self.rarely(4) for _ in range(depth + 1))

    # what follows from it

    def settle(self) -> None:
        """Let each subgraph know the types that its fields lead to, until nothing is lacking."""
        federation = self.federation
        before = ""
        while before != (before := self.state()):
            for _, field in list(federation.owners()):
                for graph in field.graphs:
                    self.reach(field.of, graph)
            for entity in federation.entities.values():
                for graph in list(entity.keys):
                    if "p" in entity.known(graph):
                        before_it = federation.entities[entity.before]
                        self.know(before_it, graph)
                        if "id" not in before_it.known(graph):
                            self.add_key(before_it, graph, Key("id"))
            for interface in federation.interfaces.values():
                for graph in sorted(interface.graphs):
                    for member in (federation.entities[m] for m in federation.members(interface.name, graph)):
                        if "id" not in member.known(graph):
                            self.add_key(member, graph, Key("id"))

        for _, field in federation.owners():
            if not federation.possible(field):  # no type that all of its subgraphs can give
                first = min(field.wraps)
                field.wraps = {first: field.wraps[first]}

    def state(self) -> str:
        federation = self.federation
        abstract: list[Interface | Union] = [*federation.interfaces.values(), *federation.unions.values()]
        return repr([e.keys for e in federation.entities.values()]) + repr([sorted(a.graphs) for a in abstract])

    def reach(self, type_name: str, graph: int) -> None:
        federation = self.federation
        if type_name in federation.entities:
            self.know(federation.entities[type_name], graph)
        elif type_name in federation.interfaces or type_name in federation.unions:
            abstract = federation.interfaces.get(type_name) or federation.unions[type_name]
            if getattr(abstract, "whole", None) == graph:
                return
            abstract.graphs.add(graph)
            if not federation.members(type_name, graph):
                options = [m for m in abstract.members if m != NOTE and federation.allowed(m, graph)]
                self.know(federation.entities[self.draw(st.sampled_from(options))], graph)

    # fields of others

    def requirements(self) -> None:
        """Fields that are made of others, which their subgraph does not resolve."""
        for entity in self.federation.entities.values():
            if self.rarely(2):
                graph = self.draw(st.sampled_from(entity.entered()))
                options = self.foreign(entity.fields, graph)
                if options:
                    required = self.draw(st.sampled_from(options))
                    entity.fields.append(
                        Field(f"r{entity.number}", "String", {graph: (False,)}, requires=self.rely(required, graph))
                    )
        for interface in self.federation.interfaces.values():
            declared = [name for name in interface.common if self.declares(interface, name)]
            fields = [self.federation.field(interface.members[0], name) for name in declared]
            scalars = [f for f in fields if f is not None and f.of in SCALARS and not f.arguments]
            if interface.whole is not None and scalars and self.draw(st.booleans()):
                required = self.draw(st.sampled_from(scalars))
                for name in interface.members:
                    member_field = self.federation.field(name, required.name)
                    assert member_field is not None
                    member_field.relied_on = True
                name = f"r{interface.name}"
                interface.fields.append(Field(name, "String", {interface.whole: (False,)}, requires=required.name))

    def declares(self, interface: Interface, name: str) -> bool:
        """Whether some subgraph's interface has the field."""
        for graph in interface.graphs:
            members = [self.federation.entities[m] for m in self.federation.members(interface.name, graph)]
            if all(any(f.name == name and graph in f.graphs for f in member.fields) for member in members):
                return True
        return False

    def foreign(self, fields: list[Field], graph: int) -> list[Field]:
        """Fields that a subgraph can require: scalars, and single objects with a scalar in them."""
        out: list[Field] = []
        for field in fields:
            if graph in field.graphs or field.arguments:
                continue
            if field.of in SCALARS or self.inner(field, graph):
                out.append(field)
        return out

    def inner(self, field: Field, graph: int) -> list[Field]:
        """The scalars inside an object that a subgraph may require of it."""
        federation = self.federation
        if field.of in federation.values:
            fields = federation.values[field.of].fields
        elif field.of in federation.entities and graph in federation.entities[field.of].keys:
            fields = federation.entities[field.of].fields
        else:
            return []
        single = all(len(wrap) == 1 for wrap in field.wraps.values())
        found = [f for f in fields if f.of in SCALARS and not f.arguments and graph not in f.graphs and not f.requires]
        return found if single else []

    def rely(self, field: Field, graph: int) -> str:
        field.relied_on = True
        inside = self.inner(field, graph)
        if not inside:
            return field.name
        field.reached_through = True
        inside[0].relied_on = True
        return f"{field.name} {{ {inside[0].name} }}"

    def provisions(self) -> None:
        """Fields that a subgraph has only where it says so."""
        for _, field in self.federation.owners():
            for graph in field.wraps:
                if not self.rarely(4):
                    continue
                objects = [
                    name
                    for name in self.federation.members(field.of, graph)
                    if name in self.federation.entities and graph in self.federation.entities[name].keys
                ]
                options = [
                    (name, f.name)
                    for name in objects
                    for f in self.federation.entities[name].fields
                    if f.of in SCALARS and graph not in f.graphs and not f.requires and not f.arguments
                ]
                if not options:
                    continue
                name, provided = self.draw(st.sampled_from(options))
                field.provides[graph] = provided if field.of == name else f"... on {name} {{ {provided} }}"
                made = self.federation.field(name, provided)
                assert made is not None
                made.provided = True
