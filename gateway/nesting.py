"""How deep a JSON value goes, and how much is in it, told without recursion."""

from __future__ import annotations


def nested_within(value: object, depth: int) -> bool:
    """Whether a value's objects and lists stand at most `depth` inside each other."""
    level = [value]
    for _ in range(depth + 1):
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return True
    return False


def holds_within(value: object, most: int) -> bool:
    """Whether there are at most so many values in a value, itself and all inside it."""
    level, count = [value], 0
    while level:
        count += len(level)
        if count > most:
            return False
        level = [
            inner
            for item in level
            if isinstance(item, dict | list)
            for inner in (item.values() if isinstance(item, dict) else item)
        ]
    return True
