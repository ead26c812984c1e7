"""REQUIRES_FIELDS_MISSING_EXTERNAL, PROVIDES_FIELDS_MISSING_EXTERNAL: what a set reads of others is external."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.field_sets import own_leaf, readable
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
