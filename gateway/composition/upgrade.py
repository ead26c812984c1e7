"""Federation 1 subgraphs, brought to Federation 2's meaning (Federation, "Moving to Federation 2").

- What several subgraphs resolved, they shared: the fields of entities, and those of types that are whole in each.
- An external field that nothing uses said nothing, and goes; so does a requirement of what the subgraph has itself.
- An extension without a key meant the keys of the type's owner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.composition.field_sets import own_leaf, readable, used_fields
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from gateway.composition.merge import Collected
    from gateway.composition.subgraph import Subgraph, TypeElement


def upgrade(collected: Collected) -> None:
    for subgraph in collected.subgraphs:
        if subgraph.federation_1:
            for type_ in subgraph.types.values():
                if type_.extension and not type_.keys:
                    _take_owners_keys(type_, collected)
            _drop_what_says_nothing(subgraph)
            _drop_unused_externals(subgraph)
            for type_ in subgraph.types.values():
                _share(type_, subgraph, collected)


_ROOTS = ("Query", "Mutation")


def _take_owners_keys(type_: TypeElement, collected: Collected) -> None:
    for _, other in collected.having(type_.name):
        for key in other.keys:
            for selection in readable(key.fields):
                if isinstance(selection, Field) and selection.name in type_.fields:
                    type_.fields[selection.name].external = False


def _drop_what_says_nothing(subgraph: Subgraph) -> None:
    """Requirements of what the subgraph has itself; keys of interfaces, and what is external there."""
    for type_ in subgraph.types.values():
        for field in type_.fields.values():
            if field.requires and own_leaf(readable(field.requires), type_.name, subgraph):
                field.requires = None
            if type_.kind == "interface":
                field.external = False
        if type_.kind == "interface":
            type_.keys.clear()


def _drop_unused_externals(subgraph: Subgraph) -> None:
    used = used_fields(subgraph)
    for type_ in subgraph.types.values():
        for name in [n for n, f in type_.fields.items() if f.external and (type_.name, n) not in used]:
            del type_.fields[name]


def _share(type_: TypeElement, subgraph: Subgraph, collected: Collected) -> None:
    if type_.kind != "type" or type_.name == "Subscription":
        return
    having = collected.having(type_.name)
    if len(having) < 2:
        return
    shared = any(t.keys for _, t in having) or type_.name in _ROOTS
    for field in type_.fields.values():
        own = shared or not (type_.extension or field.extended)
        field.shareable = field.shareable or (own and not field.external)
