"""The little language in which a case's JSON says what resolvers return.

A plain value stands for itself. An object with one of these keys says how to come by one:

- `{"$ref": "User", "id": "1"}`: the record of `User` with these fields, or, where there is none, just these fields
- `{"$template": "{name} weighs {size[weight]}, {args[unit]}"}`: made from the parent's fields and the arguments
- `{"$args": [[{"unit": "KG"}, 1], ...], "$else": null}`: by the arguments that were given
- `{"$error": "words", "$code": "CODE"}`: a GraphQL error
- `{"$append": "template", "$value": ...}`: a line for the log, as a mutation has it; `{"$log": true}`: the log
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from graphql import GraphQLError, GraphQLResolveInfo
from graphql.type import GraphQLAbstractType

Json: TypeAlias = Any
Record: TypeAlias = dict[str, Any]


class Data:
    """What one schema's resolvers know: root fields under the root types' names, records under other types' names."""

    def __init__(self, data: Mapping[str, Json]) -> None:
        self.data = data
        self.log: list[str] = []

    def records(self, type_name: str) -> list[Record] | None:
        """The records of a type; None where this data has none, not even an empty list."""
        found = self.data.get(type_name)
        if found is None:
            return None
        assert isinstance(found, list)
        return [{"__typename": type_name, **record} for record in found]

    def value(self, source: Mapping[str, Json], value: Json, arguments: Mapping[str, Json]) -> Json:
        """What a value of the language stands for."""
        if isinstance(value, list):
            return [self.value(source, item, arguments) for item in value]
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return self._referenced(value)
        if "$template" in value:
            return self._filled(value["$template"], source, arguments)
        if "$args" in value:
            found = next((then for given, then in value["$args"] if given == dict(arguments)), value.get("$else"))
            return self.value(source, found, arguments)
        if "$error" in value:
            raise GraphQLError(value["$error"], extensions={"code": value["$code"]} if "$code" in value else None)
        if "$append" in value:
            self.log.append(self._filled(value["$append"], source, arguments))
            return self.value(source, value.get("$value"), arguments)
        if "$log" in value:
            return list(self.log)
        return value

    def _referenced(self, value: Record) -> Record:
        wanted = {name: item for name, item in value.items() if name != "$ref"}
        for record in self.records(value["$ref"]) or ():
            if all(_agree(record.get(name), item) for name, item in wanted.items()):
                return record
        return {"__typename": value["$ref"], **wanted}

    def _filled(self, template: str, source: Mapping[str, Json], arguments: Mapping[str, Json]) -> str:
        return template.format_map(_View(self, {**source, "args": dict(arguments)}))

    # what graphql-core calls

    def resolve_field(self, source: Json, info: GraphQLResolveInfo[Any], **arguments: Json) -> Json:
        """`GraphQLFieldResolver`: root fields from the root's part of the data, others from their parent."""
        if source is None:
            source = self.data.get(info.parent_type.name) or {}
        return self.value(source, source.get(info.field_name), arguments)

    def resolve_type(self, value: Json, info: GraphQLResolveInfo[Any], abstract: GraphQLAbstractType) -> str | None:
        """`GraphQLTypeResolver`."""
        found = value.get("__typename")
        return found if isinstance(found, str) else None


def _agree(known: Json, wanted: Json) -> bool:
    """Whether a record's field says what is wanted; of an object, only what is wanted counts."""
    if isinstance(known, dict) and isinstance(wanted, dict):
        return all(_agree(known.get(name), item) for name, item in wanted.items())
    return bool(known == wanted)


class _View(Mapping[str, Json]):
    """A parent's fields as a template sees them: `{size[weight]}` goes down through references too."""

    def __init__(self, data: Data, source: Mapping[str, Json]) -> None:
        self._data = data
        self._source = source

    def __getitem__(self, name: str) -> Json:
        if name not in self._source:
            return "?"  # a resolver whose required fields were not sent says so in its answer
        value = self._data.value(self._source, self._source[name], {})
        return _View(self._data, value) if isinstance(value, dict) else value

    def __str__(self) -> str:
        return str(dict(self._source))

    def __iter__(self) -> Iterator[str]:
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)
