"""The names that subgraphs' `@policy` directives use: `category.level`."""

from __future__ import annotations

from typing import NamedTuple

CATEGORIES = (
    "locator",
    "identity",
    "contact",
    "status",
    "case",
    "education",
    "health",
    "sensitive",
    "police",
    "third_party",
)
LEVELS = ("summary", "detail", "owner")


class PolicyName(NamedTuple):
    category: str
    level: str

    def __str__(self) -> str:
        return f"{self.category}.{self.level}"

    @classmethod
    def parse(cls, name: str) -> PolicyName | None:
        """The name's parts, or None where it is not one that the partnership knows."""
        category, dot, level = name.partition(".")
        known = dot and category in CATEGORIES and level in LEVELS
        return cls(category, level) if known else None
