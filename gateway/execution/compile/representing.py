"""Inputs -> functions that build what a representation says under them, for inputs that are objects or lists of them.

They build the usual: objects of scalars. Of whatever else there is they say `MISSING`, and the interpreter, which takes
it object by object, decides what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.execution.compile.code import Do, For, Function, If, assign, literal, returns

if TYPE_CHECKING:
    from gateway.execution.compile.code import Names, Statement
    from gateway.planning import Input


def is_regular(item: Input) -> bool:
    """Whether what is below an input is asked of every object, so that its objects are all of one form."""
    below = item.inputs
    return (
        item.types is None
        and not item.tells_type
        and len({each.name for each in below}) == len(below)
        and all(map(is_regular, below))
    )


class RepresentationWriter:
    """Writes the functions, one for all inputs that are alike."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[tuple[Input, ...], str] = {}
        self._new: list[Function] = []

    def finish(self) -> list[Function]:
        """The functions that have been written since the last time."""
        new, self._new = self._new, []
        return new

    def shape(self, item: Input) -> str:
        """The name of `shape_n(value)`: the objects of a value with what is sent of them."""
        known = self._known.get(item.inputs)
        if known is None:
            known = self._known[item.inputs] = f"shape_{len(self._known)}"
            self._new.append(self._function(known, item))
        return known

    def _function(self, name: str, item: Input) -> Function:
        body: list[Statement] = []
        odd: list[str] = []
        for number, each in enumerate(item.inputs):
            local, found = f"v{number}", f"one.get({literal(each.key)}, MISSING)"
            body.append(assign(local, f"{self.shape(each)}({found})" if each.inputs else found))
            odd.append(f"{local} is MISSING" if each.inputs else f"{local}.__class__ not in SCALAR")
        pairs = ", ".join(f"{literal(each.name)}: v{number}" for number, each in enumerate(item.inputs))
        each_one: list[Statement] = [
            If("one.__class__ is not dict", [returns("MISSING")]),
            *body,
            If(" or ".join(odd), [returns("MISSING")]),
            Do(f"out.append({{{pairs}}})"),
        ]
        return Function(
            name,
            ("value",),
            f"what is sent of {item}",
            [
                If("value is None", [returns("None")]),
                assign("out", "[]"),
                For("one", "value if value.__class__ is list else (value,)", each_one),
                returns("out if value.__class__ is list else out[0]"),
            ],
        )
