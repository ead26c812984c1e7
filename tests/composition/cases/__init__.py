"""The rules of composition, a table for each subject: for each a composition that breaks it, and one that keeps it."""

from __future__ import annotations

from tests.composition.cases import (
    access,
    context,
    cost,
    external,
    federation_1,
    field_sets,
    graphql,
    inaccessible,
    interfaces,
    links,
    merging,
    override,
    ownership,
    roots,
    satisfiability,
)

RULES = [
    *graphql.RULES,
    *links.RULES,
    *roots.RULES,
    *field_sets.RULES,
    *external.RULES,
    *interfaces.RULES,
    *access.RULES,
    *context.RULES,
    *cost.RULES,
    *override.RULES,
    *ownership.RULES,
    *merging.RULES,
    *inaccessible.RULES,
    *satisfiability.RULES,
    *federation_1.RULES,
]
