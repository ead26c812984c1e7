"""Fields that stand under one response key for different types, and whose shapes differ, get keys of their own.

`... on User { id }` and `... on Admin { id }` can't be asked together where one `id` is non-null and the other is
not: a
server refuses them (GraphQL specification, section 5.3.2, SameResponseShape), though the client's own schema allows it.
The later one is asked under an alias, and put back under its key when the answer comes. An alias is no key of the step,
wherever: what stands under it in an answer is what is to be put back, and nothing that the client calls so.
"""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, NamedTuple

from gateway.planning.plan import Rename
from gateway.supergraph.selections import TYPENAME, Field
from gateway.supergraph.typeref import ListOf, NonNull, TypeRef, named_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gateway.planning.fetches import Draft, Selections
    from gateway.supergraph import Supergraph


class _Shape(NamedTuple):
    """What SameResponseShape compares: lists and non-nulls, the type of a leaf, and what is below a composite."""

    wrappers: str
    leaf: str
    below: Mapping[str, _Shape]


def alias_conflicting_fields(drafts: list[Draft], supergraph: Supergraph) -> list[Draft]:
    for draft in (*drafts, *(part for whole in drafts for part in whole.parts)):
        worker = _Aliaser(supergraph, draft.graph, _keys(draft.selections))
        mutation = draft.serial is not None and not draft.path
        root = draft.entity or supergraph.roots["mutation" if mutation else "query"]
        worker.level([draft.selections], root, (), {})
        draft.renames = sorted(worker.renames, key=lambda rename: len(rename.path))
    return drafts


class _Aliaser:
    def __init__(self, supergraph: Supergraph, graph: str, keys: frozenset[str]) -> None:
        """`keys` are all of the step."""
        self.supergraph = supergraph
        self.graph = graph
        self.keys = keys
        self.renames: dict[Rename, None] = {}

    def level(
        self, sets: Sequence[Selections], type_name: str, path: tuple[str, ...], taken: dict[str, _Shape]
    ) -> None:
        """Part what conflicts on this level and below it. `taken` are the shapes of what is asked here, and grow.

        `sets` are of one object. A field that stands in several, or under several conditions, is one: asked under two
        keys, a mutation would be carried out twice.
        """
        fields: dict[str, list[tuple[Selections, Field]]] = {}
        cases: dict[str, list[Selections]] = {}
        for selections in sets:
            for field in selections.fields:
                fields.setdefault(field.key, []).append((selections, field))
            for case, inside in selections.cases.items():
                cases.setdefault(case, []).append(inside)
        for key, found in fields.items():
            inner = [selections.fields[field] for selections, field in found]
            shape = self._shape(found[0][1].name, inner, type_name, (*path, key))
            alias = next(a for a in self._aliases(key) if a not in taken or _same(taken[a], shape))
            if alias != key:
                self.renames[Rename(path, alias, key)] = None
                for selections, field in found:
                    selections.rename(field, alias)
            taken[alias] = _joined(taken[alias], shape) if alias in taken else shape
        for case, of_case in cases.items():
            self.level(of_case, case, path, taken)

    def _aliases(self, key: str) -> Iterator[str]:
        """What a field may be asked under: its key first."""
        others = (f"_{number}_{key}" for number in count(1))
        return chain((key,), (alias for alias in others if alias not in self.keys))

    def _shape(self, name: str, below: Sequence[Selections], type_name: str, path: tuple[str, ...]) -> _Shape:
        if name == TYPENAME:
            return _Shape("!", "String", {})
        definition = self.supergraph.types[type_name].fields[name]
        owner = next((o for o in definition.owners if o.graph == self.graph), None)
        type_ = owner.type if owner and owner.type else definition.type
        value = named_type(type_)
        if value not in self.supergraph.types:
            return _Shape(_wrappers(type_), value, {})
        taken: dict[str, _Shape] = {}
        self.level(below, value, path, taken)
        return _Shape(_wrappers(type_), "", taken)


def _keys(selections: Selections) -> frozenset[str]:
    """Every key at every level."""
    own = frozenset(field.key for field in selections.fields)
    return own.union(*map(_keys, selections.fields.values()), *map(_keys, selections.cases.values()))


def _wrappers(type_: TypeRef) -> str:
    if isinstance(type_, NonNull):
        return _wrappers(type_.of) + "!"
    return f"[{_wrappers(type_.of)}]" if isinstance(type_, ListOf) else ""


def _same(left: _Shape, right: _Shape) -> bool:
    if left.wrappers != right.wrappers or left.leaf != right.leaf:
        return False
    return all(_same(left.below[key], shape) for key, shape in right.below.items() if key in left.below)


def _joined(left: _Shape, right: _Shape) -> _Shape:
    """Two shapes that do not conflict, as one: a third may conflict with either, however deep."""
    both = {key: _joined(shape, right.below[key]) for key, shape in left.below.items() if key in right.below}
    return left._replace(below={**right.below, **left.below, **both})
