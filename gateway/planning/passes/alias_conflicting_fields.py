"""Fields that stand under one response key for different types, and whose shapes differ, get keys of their own.

`... on User { id }` and `... on Admin { id }` can't be asked together where one `id` is non-null and the other is
not: a
server refuses them (GraphQL specification, section 5.3.2, SameResponseShape), though the client's own schema allows it.
The later one is asked under an alias, and put back under its key when the answer comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gateway.planning.plan import Rename
from gateway.supergraph.selections import TYPENAME, Field
from gateway.supergraph.typeref import ListOf, NonNull, TypeRef, named_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.planning.fetches import Draft, Selections
    from gateway.supergraph import Supergraph


class _Shape(NamedTuple):
    """What SameResponseShape compares: lists and non-nulls, the type of a leaf, and what is below a composite."""

    wrappers: str
    leaf: str
    below: Mapping[str, _Shape]


def alias_conflicting_fields(drafts: list[Draft], supergraph: Supergraph) -> list[Draft]:
    for draft in (*drafts, *(part for whole in drafts for part in whole.parts)):
        worker = _Aliaser(supergraph, draft.graph)
        mutation = draft.serial is not None and not draft.path
        root = draft.entity or supergraph.roots["mutation" if mutation else "query"]
        worker.level(draft.selections, root, ())
        draft.renames = sorted(worker.renames, key=lambda rename: len(rename.path))
    return drafts


class _Aliaser:
    def __init__(self, supergraph: Supergraph, graph: str) -> None:
        self.supergraph = supergraph
        self.graph = graph
        self.renames: list[Rename] = []

    def level(self, selections: Selections, type_name: str, path: tuple[str, ...]) -> dict[str, _Shape]:
        """Part what conflicts on this level and below it; the shapes of the level's keys."""
        return self._scope(selections, type_name, path, {})

    def _scope(
        self, selections: Selections, type_name: str, path: tuple[str, ...], taken: dict[str, _Shape]
    ) -> dict[str, _Shape]:
        for field, below in list(selections.fields.items()):
            shape = self._shape(field, below, type_name, path)
            key, number = field.key, 0
            while key in taken and not _same(taken[key], shape):
                number += 1
                key = f"_{number}_{field.key}"
            if key != field.key:
                self.renames.append(Rename(path, key, field.key))
                selections.rename(field, key)
            taken[key] = _joined(taken[key], shape) if key in taken else shape
        for case, below in selections.cases.items():
            self._scope(below, case, path, taken)
        return taken

    def _shape(self, field: Field, below: Selections, type_name: str, path: tuple[str, ...]) -> _Shape:
        if field.name == TYPENAME:
            return _Shape("!", "String", {})
        definition = self.supergraph.types[type_name].fields[field.name]
        owner = next((o for o in definition.owners if o.graph == self.graph), None)
        type_ = owner.type if owner and owner.type else definition.type
        name = named_type(type_)
        if name not in self.supergraph.types:
            return _Shape(_wrappers(type_), name, {})
        return _Shape(_wrappers(type_), "", self.level(below, name, (*path, field.key)))


def _wrappers(type_: TypeRef) -> str:
    if isinstance(type_, NonNull):
        return _wrappers(type_.of) + "!"
    return f"[{_wrappers(type_.of)}]" if isinstance(type_, ListOf) else ""


def _same(left: _Shape, right: _Shape) -> bool:
    if left.wrappers != right.wrappers or left.leaf != right.leaf:
        return False
    return all(_same(left.below[key], shape) for key, shape in right.below.items() if key in left.below)


def _joined(left: _Shape, right: _Shape) -> _Shape:
    return left._replace(below={**right.below, **left.below})
