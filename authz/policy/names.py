"""The names that subgraphs' `@policy` directives use: `category.level`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container

CATEGORIES = (
    "locator",
    "identity",
    "contact",
    "status",
    "case",
    "plan",
    "education",
    "health",
    "sensitive",
    "police",
    "third_party",
    "shield",
    "oversight",
)
LEVELS = ("summary", "detail", "owner")


class PolicyName(NamedTuple):
    category: str
    level: str

    def __str__(self) -> str:
        return f"{self.category}.{self.level}"

    @classmethod
    def parse(cls, name: str, categories: Container[str] | None = CATEGORIES) -> PolicyName | None:
        """The name's parts, or None where it is of no category and level; `categories` None knows any word as one."""
        category, dot, level = name.partition(".")
        known = category.isidentifier() if categories is None else category in categories
        return cls(category, level) if dot and known and level in LEVELS else None
