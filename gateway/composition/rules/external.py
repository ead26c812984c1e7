"""EXTERNAL_UNUSED, EXTERNAL_MISSING_ON_BASE: what is external is used, and is somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.field_sets import own_leaf, readable, used_fields
from gateway.composition.rules.field_sets import is_field_set
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import FieldElement, Subgraph


def check_external_in_sets(collected: Collected) -> None:
    """What is provided or required is external here: what the subgraph has by itself needs neither."""
    for subgraph in collected.subgraphs:
        if subgraph.federation_1:
            continue
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                where = f"[{subgraph.name}] `{type_.name}.{field.name}`"
                if field.provides and field.type is not None and _is_set("PROVIDES", field, type_.name, subgraph):
                    missing = own_leaf(readable(field.provides), named_type(field.type), subgraph)
                    if missing:
                        message = f"{where} provides `{missing}`, which is not external"
                        collected.error("PROVIDES_FIELDS_MISSING_EXTERNAL", message, field.place)
                if field.requires and _is_set("REQUIRES", field, type_.name, subgraph):
                    missing = own_leaf(readable(field.requires), type_.name, subgraph)
                    if missing:
                        message = f"{where} requires `{missing}`, which is not external"
                        collected.error("REQUIRES_FIELDS_MISSING_EXTERNAL", message, field.place)


def _is_set(directive: str, field: FieldElement, type_name: str, subgraph: Subgraph) -> bool:
    if directive == "REQUIRES" or field.type is None:
        return is_field_set(directive, field.requires, type_name, subgraph)
    return is_field_set(directive, field.provides, named_type(field.type), subgraph)


def check_external_used(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        if subgraph.federation_1:
            continue
        used = used_fields(subgraph)
        for type_ in subgraph.types.values():
            for field in type_.fields.values():
                if field.external and (type_.name, field.name) not in used:
                    message = f"[{subgraph.name}] `{type_.name}.{field.name}` is external, and nothing uses it"
                    collected.error("EXTERNAL_UNUSED", message, field.place)


def check_external_base(collected: Collected) -> None:
    for name in sorted({name for s in collected.subgraphs for name in s.types}):
        having = collected.having(name)
        for field in dict.fromkeys(f for _, t in having for f in t.fields):
            elements = [t.fields[field] for _, t in having if field in t.fields]
            interfaces = {i for _, t in having for i in t.interfaces}
            if any(t.interface_object and field in t.fields for i in interfaces for _, t in collected.having(i)):
                continue  # an interface object gives it
            if all(element.external for element in elements):
                message = f"`{name}.{field}` is external wherever it is: no subgraph has it"
                collected.error("EXTERNAL_MISSING_ON_BASE", message, *(e.place for e in elements))
