"""A subgraph's SDL."""

from __future__ import annotations

from typing import Final

from tests.federation.oracle.schema import NOTE, Entity, Federation, Field, Interface, widest, written

LINK: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable", "@requires",'
    ' "@provides", "@external", "@override", "@interfaceObject"])\n'
)


def graph_name(graph: int) -> str:
    return f"g{graph}"


def sdl(federation: Federation, graph: int) -> str:
    """The SDL of one subgraph."""
    return LINK + "\n".join(_Writer(federation, graph).types()) + "\n"


class _Writer:
    def __init__(self, federation: Federation, graph: int) -> None:
        self.federation = federation
        self.graph = graph
        self.external = federation.external(graph)

    def types(self) -> list[str]:
        """Every type that the subgraph has."""
        federation, graph = self.federation, self.graph
        out = [
            _type(f"type {name}", [self._field(f) for f in fields if graph in f.graphs])
            for name, fields in federation.roots.items()
            if any(graph in f.graphs for f in fields)
        ]
        for interface in federation.interfaces.values():
            if interface.whole == graph:
                out.append(self._interface_object(interface))
            elif graph in interface.graphs:
                out.append(self._interface(interface))
        for entity in federation.entities.values():
            if graph in entity.keys:
                out += self._entity(entity)
        for union in federation.unions.values():
            if graph in union.graphs:
                out.append(f"union {union.name} = {' | '.join(federation.members(union.name, graph))}")
                if NOTE in union.members:
                    out.append(f"type {NOTE} @shareable {{ words: String }}")
        for value in federation.values.values():
            fields = [f for f in value.fields if graph in f.graphs or (value.name, f.name) in self.external]
            if fields:
                out.append(_type(f"type {value.name}", [self._value_field(value.name, f) for f in fields]))
        return out

    def _value_field(self, owner: str, field: Field) -> str:
        return self._external(field) if (owner, field.name) in self.external else self._field(field)

    def _entity(self, entity: Entity) -> list[str]:
        known = entity.known(self.graph)
        implemented = [
            i.name for i in self.federation.interfaces.values() if self.graph in i.graphs and entity.name in i.members
        ]
        keys = "".join(
            f' @key(fields: "{key.fields}"{"" if key.resolvable else ", resolvable: false"})'
            for key in entity.keys[self.graph]
        )
        types = {"id": "ID!", "k": "ID!", "o": f"{entity.name}Key!", "p": f"{entity.before}!"}
        body = [f"{name}: {types[name]}" for name in known]
        for field in entity.fields:
            if self.graph in field.graphs:
                body.append(self._field(field))
            elif (entity.name, field.name) in self.external:
                body.append(self._external(field))
        implements = f" implements {' & '.join(implemented)}" if implemented else ""
        out = [_type(f"type {entity.name}{implements}{keys}", body)]
        if "o" in known:
            more = " b: Int" if entity.hub == self.graph or not entity.number % 2 else ""
            out.append(f"type {entity.name}Key @shareable {{ a: ID!{more} }}")
        return out

    def _interface(self, interface: Interface) -> str:
        """Of an interface a subgraph says what all members that it knows have."""
        federation = self.federation
        members = [federation.entities[name] for name in federation.members(interface.name, self.graph)]
        body = [f"{name}: ID!" for name in ("id", "k") if all(name in member.known(self.graph) for member in members)]
        for name in interface.common:
            fields = [field for member in members for field in member.fields if field.name == name]
            if all(self.graph in field.graphs for field in fields):
                everywhere = [federation.field(member, name) for member in interface.members]
                wrap = widest(w for field in everywhere if field is not None for w in field.wraps.values())
                body.append(f"{name}{fields[0].arguments}: {written(fields[0].of, wrap)}")
        key = f' @key(fields: "{interface.key}")' if self.graph in interface.keyed else ""
        return _type(f"interface {interface.name}{key}", body)

    def _interface_object(self, interface: Interface) -> str:
        body = [f"{name}: ID!" for name in interface.key.split()]
        for name in interface.common:
            if (interface.name, name) in self.external:
                field = self.federation.field(interface.members[0], name)
                assert field is not None
                body.append(self._external(field))
        body += [self._field(field) for field in interface.fields]
        return _type(f'type {interface.name} @interfaceObject @key(fields: "{interface.key}")', body)

    def _field(self, field: Field) -> str:
        lost = field.lost_by == self.graph
        wrap = field.strictest if lost else field.wraps[self.graph]
        directives = ""
        if not lost and field.lost_by is not None and self.graph == min(field.wraps):
            directives += f' @override(from: "{graph_name(field.lost_by)}")'
        if not lost and (len(field.wraps) > 1 or field.provided):
            directives += " @shareable"
        if field.requires and not lost:
            directives += f' @requires(fields: "{field.requires}")'
        if self.graph in field.provides:
            directives += f' @provides(fields: "{field.provides[self.graph]}")'
        return f"{field.name}{field.arguments}: {written(field.of, wrap)}{directives}"

    def _external(self, field: Field) -> str:
        return f"{field.name}{field.arguments}: {written(field.of, field.strictest)} @external"


def _type(head: str, body: list[str]) -> str:
    return f"{head} {{\n" + "".join(f"  {line}\n" for line in body) + "}"
