"""The data of one subgraph: its part of the whole, spoken of by the keys that it knows.

What a subgraph must never be asked for, as it has lost the field or has it only where it provides it, is `WRONG` there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.supergraph.selections import Field as Selected
from gateway.supergraph.selections import SelectionSet, parse_field_set
from tests.federation.oracle.schema import Entity, Federation, Field
from tests.federation.values import Data, Json, Record

WRONG: Final = "a value of a subgraph that must not be asked for it"
PROVIDED: Final = "$provided"


class Part(Data):
    """A subgraph's data. A reference may say with `$provided` what counts over its record, there only."""

    def value(self, source: Mapping[str, Json], value: Json, arguments: Mapping[str, Json]) -> Json:
        if isinstance(value, dict) and PROVIDED in value:
            reference = {name: item for name, item in value.items() if name != PROVIDED}
            return {**super().value(source, reference, arguments), **value[PROVIDED]}
        return super().value(source, value, arguments)


def part(federation: Federation, graph: int) -> dict[str, Json]:
    """A subgraph's data, as `tests.federation.values` reads it."""
    return _Part(federation, graph).all()


class _Part:
    def __init__(self, federation: Federation, graph: int) -> None:
        self.federation = federation
        self.graph = graph
        self.external = federation.external(graph)

    def all(self) -> dict[str, Json]:
        """Root fields and records."""
        federation, graph = self.federation, self.graph
        out: dict[str, Json] = {}
        for name, fields in federation.roots.items():
            out[name] = self._own(fields, federation.data[name])
        for entity in federation.entities.values():
            if graph in entity.keys:
                out[entity.name] = [self._record(entity, record) for record in federation.data[entity.name]]
        for interface in federation.interfaces.values():
            members = [federation.entities[name] for name in interface.members]
            if graph in interface.keyed:
                out[interface.name] = [
                    {"__typename": member.name, **record} for member in members for record in out[member.name]
                ]
            if interface.whole == graph:
                keys = interface.key.split()
                out[interface.name] = [
                    {**{key: record[key] for key in keys}, **self._own(interface.fields, record)}
                    for member in members
                    for record in federation.data[member.name]
                ]
        return out

    def _own(self, fields: list[Field], record: Record) -> Record:
        """What the subgraph resolves of these fields, and what it has lost."""
        out: Record = {}
        for field in fields:
            if self.graph in field.wraps:
                provided = parse_field_set(field.provides[self.graph]) if self.graph in field.provides else ()
                out[field.name] = self._local(record[field.name], provided)
            elif field.lost_by == self.graph:
                out[field.name] = WRONG
        return out

    def _record(self, entity: Entity, record: Record) -> Record:
        out = {**self._keys(entity, record), **self._own(entity.fields, record)}
        out.update({name: WRONG for owner, name in self.external if owner == entity.name})
        return out

    def _keys(self, entity: Entity, record: Record) -> Record:
        return {name: self._local(record[name], ()) for name in entity.known(self.graph)}

    def _local(self, value: Json, provided: SelectionSet) -> Json:
        """A value with its references and objects as this subgraph has them, and what it provides in them."""
        if isinstance(value, list):
            return [self._local(item, provided) for item in value]
        if not isinstance(value, dict):
            return value
        if "$args" in value:
            given = [[arguments, self._local(then, provided)] for arguments, then in value["$args"]]
            return {"$args": given, "$else": self._local(value["$else"], provided)}
        if "$append" in value:
            return {**value, "$value": self._local(value["$value"], provided)}
        if "$ref" in value:
            return self._reference(value, provided)
        if "__typename" in value and value["__typename"] in self.federation.values:
            return self._object(value, provided)
        return value

    def _object(self, value: Record, provided: SelectionSet) -> Record:
        name = value["__typename"]
        own = {"__typename": name, **self._own(self.federation.values[name].fields, value)}
        own.update({field: WRONG for owner, field in self.external if owner == name})
        return {**own, **self._given(name, value, provided)}

    def _reference(self, value: Record, provided: SelectionSet) -> Record:
        name = value["$ref"]
        entity = self.federation.entities[name]
        record = next(r for r in self.federation.data[name] if r["id"] == value["id"])
        if self.graph not in entity.keys:  # known here by its interface object alone
            interface = next(
                i for i in self.federation.interfaces.values() if i.whole == self.graph and name in i.members
            )
            return {"$ref": interface.name, **{key: record[key] for key in interface.key.split()}}
        given = self._given(name, record, provided)
        keys = {"__typename": name, **self._keys(entity, record)}  # a representation's own objects say their types too
        return {"$ref": name, **keys, **({PROVIDED: given} if given else {})}

    def _given(self, type_name: str, record: Record, provided: SelectionSet) -> Record:
        """The fields that are provided of one object."""
        out: Record = {}
        for selection in provided:
            if isinstance(selection, Selected):
                out[selection.name] = self._local(record[selection.name], selection.selections)
            elif selection.type_name == type_name:
                out.update(self._given(type_name, record, selection.selections))
        return out
