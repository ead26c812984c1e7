"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS: what a field reads of others needs no more than the field itself.

A field reads others by `@requires` and by `@fromContext`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.contexts import from_context
from gateway.composition.merge.directives import demand
from gateway.supergraph.model import Access
from gateway.supergraph.selections import Field, SelectionSet, parse_field_set
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected


def check_transitive_access(collected: Collected) -> None:
    """A field asks for no less than the data that it requires (Federation, @policy)."""
    for subgraph in collected.subgraphs:
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                required = parse_field_set(field.requires) if field.requires else ()
                asked = _of_selections(required, type_.name, collected)
                for argument in field.arguments.values():
                    source = from_context(argument.from_context)
                    for other in subgraph.types.values():
                        if source is not None and source.context in other.contexts:
                            taken = _of_selections(parse_field_set(source.selection), other.name, collected)
                            asked = asked.and_also(taken)
                if not covers(_of_field(type_.name, field.name, collected), asked):
                    message = f"[{subgraph.name}] `{type_.name}.{field.name}` asks for less than what it requires"
                    collected.error("MISSING_TRANSITIVE_AUTH_REQUIREMENTS", message, field.place)


def covers(own: Access, asked: Access) -> bool:
    """Whether whoever meets one demand meets the other: each of its ways holds one of the other's."""
    if asked.authenticated and not own.authenticated:
        return False
    return _covers(own.scopes, asked.scopes) and _covers(own.policies, asked.policies)


def _covers(own: tuple[tuple[str, ...], ...], asked: tuple[tuple[str, ...], ...]) -> bool:
    if not asked:
        return True
    return bool(own) and all(any(set(row) <= set(mine) for row in asked) for mine in own)


def _of_type(name: str, collected: Collected) -> Access:
    return demand(collected.having(name))


def _of_field(type_name: str, name: str, collected: Collected) -> Access:
    having = [(s, t.fields[name]) for s, t in collected.having(type_name) if name in t.fields]
    found = _of_type(type_name, collected).and_also(demand(having))
    for _, field in having:
        if field.type is not None:
            found = found.and_also(_of_type(named_type(field.type), collected))
            break
    return found


def _of_selections(selections: SelectionSet, type_name: str, collected: Collected) -> Access:
    """All that reading a field set asks for; an interface's field asks what each of its implementations' does."""
    found = Access()
    for selection in selections:
        if not isinstance(selection, Field):
            found = found.and_also(_of_type(selection.type_name, collected))
            found = found.and_also(_of_selections(selection.selections, selection.type_name, collected))
            continue
        types = [type_name, *_implementations(type_name, collected)]
        for name in types:
            found = found.and_also(_of_field(name, selection.name, collected))
        value = _value_type(type_name, selection.name, collected)
        if value is not None:
            for name in _implementations(value, collected):
                found = found.and_also(_of_type(name, collected)) if not selection.selections else found
            found = found.and_also(_of_selections(selection.selections, value, collected))
    return found


def _implementations(name: str, collected: Collected) -> list[str]:
    return sorted({t.name for s in collected.subgraphs for t in s.types.values() if name in t.interfaces})


def _value_type(type_name: str, name: str, collected: Collected) -> str | None:
    for _, type_ in collected.having(type_name):
        field = type_.fields.get(name)
        if field is not None and field.type is not None:
            return named_type(field.type)
    return None
