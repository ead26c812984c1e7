"""Random data for a federation: the records of the undivided schema."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from gateway.supergraph.selections import Field as Selected
from gateway.supergraph.selections import parse_field_set
from tests.federation.oracle.schema import NOTE, Federation, Field, Wrap
from tests.federation.values import Json

RECORDS: Final = 3


def draw_data(draw: DrawFn, federation: Federation) -> dict[str, Json]:
    """Root values and records, in the language of `tests.federation.values`."""
    return _Records(draw, federation).all()


class _Records:
    def __init__(self, draw: DrawFn, federation: Federation) -> None:
        self.draw = draw
        self.federation = federation
        self.count = 0

    def all(self) -> dict[str, Json]:
        federation = self.federation
        data: dict[str, Json] = {
            name: {field.name: self.root(name, field) for field in fields} for name, fields in federation.roots.items()
        }
        for entity in federation.entities.values():
            added = [f for i in federation.interfaces.values() if entity.name in i.members for f in i.fields]
            data[entity.name] = [
                {
                    "id": f"{entity.name}-{number}",
                    "k": f"{entity.name}+{number}",
                    "o": {"a": f"{entity.name}.{number}", "b": number},
                    **({"p": {"$ref": entity.before, "id": f"{entity.before}-{number}"}} if entity.number else {}),
                    **{field.name: self.field(field) for field in (*entity.fields, *added)},
                }
                for number in range(RECORDS)
            ]
        return data

    def root(self, type_name: str, field: Field) -> Json:
        value = self.field(field)
        return {"$append": f"{field.name} {{args}}", "$value": value} if type_name == "Mutation" else value

    def field(self, field: Field) -> Json:
        """What a field's resolver gives."""
        if field.requires:
            return {"$template": f"{field.name} of {_shown(field.requires)}"}
        if field.arguments and field.of == "String":
            self.count += 1
            return {"$template": f"{field.name} {self.count} {{args}}"}
        if field.arguments:
            return {"$args": [[{"n": 1}, self.value(field)]], "$else": self.value(field)}
        return self.value(field)

    def value(self, field: Field) -> Json:
        if self.federation.broken and not field.relied_on and self.rarely(12):
            return {"$error": "broken"}
        return self.level(field, field.strictest)

    def level(self, field: Field, wrap: Wrap) -> Json:
        """A value of one level of the type: a list, or what is in it."""
        required = wrap[0] or field.reached_through
        if required and self.federation.broken and not field.relied_on and self.rarely(12):
            return None
        if not required and self.rarely(8):
            return None
        if len(wrap) > 1:
            return [self.level(field, wrap[1:]) for _ in range(self.draw(st.integers(0, 3)))]
        return self.single(field, required)

    def single(self, field: Field, required: bool) -> Json:
        if field.of == "Int":
            self.count += 1
            return self.count
        if field.of == "String":
            self.count += 1
            return f"s{self.count}"
        if field.of in self.federation.values:
            fields = self.federation.values[field.of].fields
            return {"__typename": field.of, **{f.name: self.field(f) for f in fields}}
        possible = self.federation.possible(field)
        if not possible:
            return None
        name = self.draw(st.sampled_from(possible))
        if name == NOTE:
            self.count += 1
            return {"__typename": NOTE, "words": f"note {self.count}"}
        return {"$ref": name, "id": f"{name}-{self.draw(st.integers(0, RECORDS - 1))}"}

    def rarely(self, times: int) -> bool:
        """True once in so many times; shrinks to False."""
        return self.draw(st.integers(0, times - 1)) == times - 1


def _shown(requires: str) -> str:
    """The template of a required field: `{f}`, or `{l[f]}` inside an object."""
    (selection,) = parse_field_set(requires)
    assert isinstance(selection, Selected)
    inside = "".join(f"[{s.name}]" for s in selection.selections if isinstance(s, Selected))
    return f"{{{selection.name}{inside}}}"
