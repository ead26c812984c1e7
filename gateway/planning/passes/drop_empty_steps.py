"""Steps that select nothing, as narrowing can leave them, are not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.planning.fetches import Draft
    from gateway.supergraph import Supergraph


def drop_empty_steps(drafts: list[Draft], _: Supergraph) -> list[Draft]:
    """Without the steps that select nothing; what waited for one waits for what that one waited for."""
    empty = {draft.number: draft for draft in drafts if not draft.selections}
    for draft in drafts:
        while any(number in empty for number in draft.after):
            draft.after = {
                source: None
                for number in draft.after
                for source in (empty[number].after if number in empty else (number,))
            }
    return [draft for draft in drafts if draft.number not in empty]
