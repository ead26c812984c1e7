"""Which of several types of one element holds for the supergraph (Federation, "Merging types")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.supergraph.typeref import ListOf, Named, NonNull, TypeRef

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.composition.merge.merged import Collected


def is_subtype(narrow: TypeRef, wide: TypeRef, collected: Collected) -> bool:
    """Whether every value of `narrow` is one of `wide`, by nullability, lists, interfaces and unions."""
    if narrow == wide:
        return True
    if isinstance(narrow, NonNull):
        return is_subtype(narrow.of, wide.of if isinstance(wide, NonNull) else wide, collected)
    if isinstance(wide, NonNull):
        return False
    if isinstance(narrow, ListOf) and isinstance(wide, ListOf):
        return is_subtype(narrow.of, wide.of, collected)
    if isinstance(narrow, Named) and isinstance(wide, Named):
        implements = any(wide.name in type_.interfaces for _, type_ in collected.having(narrow.name))
        member = any(narrow.name in type_.members for _, type_ in collected.having(wide.name))
        return implements or member
    return False


def output_type(types: Sequence[TypeRef], collected: Collected) -> TypeRef | None:
    """The type among these, made nullable where needed, of which all are subtypes; None where there is none."""
    candidates = list(dict.fromkeys([*types, *(t.of for t in types if isinstance(t, NonNull))]))
    return next((c for c in candidates if all(is_subtype(t, c, collected) for t in types)), None)


def input_type(types: Sequence[TypeRef], collected: Collected) -> TypeRef | None:
    """The type among these that is a subtype of all, made non-null where any is; None where there is none."""
    candidates: list[TypeRef] = list(dict.fromkeys(types))
    candidates += [NonNull(t) for t in types if not isinstance(t, NonNull)]
    return next((c for c in candidates if all(is_subtype(c, t, collected) for t in types)), None)
