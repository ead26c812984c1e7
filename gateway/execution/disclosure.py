"""What an answer gave, of whom: noted while the answer is made, and read when it is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Given: TypeAlias = "Callable[[Mapping[str, object], int, Disclosure], int]"
    """A compiled function: of an object of the answer, the bits so far with those of its fields that are values."""


class Noted(NamedTuple):
    """An object of the answer and the subjects (ids) whom it is about; None: it is about nobody.

    `path` are the response keys that lead to it, `given` tells which of its fields are values.
    """

    subjects: tuple[str, ...] | None
    path: str
    object: Mapping[str, object]
    given: Given


class Disclosure:
    """Grows while an answer is made.

    `kinds` are the functions of objects that stand where there may be several types, each with its object, so that no
    other gets its id; `records` the ids of records of which one subgraph has those of several agencies. Both are by the
    objects' ids.
    """

    __slots__ = ("_about", "_by_code", "kinds", "noted", "records")

    def __init__(self) -> None:
        self.noted: list[Noted] = []
        self.kinds: dict[int, tuple[object, Given]] = {}
        self.records: dict[int, object] = {}
        self._about: set[int] = set()
        self._by_code: dict[str, int] = {}

    def note(self, subject: str, path: str, found: Mapping[str, object], given: Given) -> None:
        """Note an object that is a subject."""
        self.noted.append(Noted((subject,), path, found, given))

    def note_about(self, subjects: tuple[str, ...], path: str, found: Mapping[str, object], given: Given) -> None:
        """Note an object that is about all these subjects, wherever it stands."""
        self._about.add(id(found))
        self.noted.append(Noted(subjects, path, found, given))

    def told(self) -> tuple[dict[str | None, int], dict[str, dict[str, int]]]:
        """Return the bits of what was given of each subject (id); None is of nobody.

        And those of records of which one subgraph has several agencies', by subject and the code of who holds them.
        """
        bits_of: dict[str | None, int] = {}
        of_records: dict[str, dict[str, int]] = {}
        for subjects, _, found, given in self.noted:
            self._by_code = {}
            bits = given(found, 0, self)
            if subjects is None:
                bits_of[None] = bits
                continue
            for subject in subjects:
                bits_of[subject] = bits | bits_of[subject] if subject in bits_of else bits
                if self._by_code:
                    held = of_records.get(subject)
                    if held is None:
                        of_records[subject] = self._by_code
                    else:
                        of_records[subject] = {
                            code: held.get(code, 0) | self._by_code.get(code, 0) for code in held | self._by_code
                        }
        return bits_of, of_records

    def of_named(self, found: Mapping[str, object], bits: int, given: Given) -> int:
        """Return the bits with those of an object that names its subjects, where it is not noted by itself."""
        return bits if id(found) in self._about else given(found, bits, self)

    def of_kind(self, found: Mapping[str, object], bits: int) -> int:
        """Return the bits with those of an object whose type is its own to say."""
        known = self.kinds.get(id(found))
        return bits if known is None else known[1](found, bits, self)

    def of_record(self, found: Mapping[str, object], bits: int, given: Given, own: int) -> int:
        """Return the bits; those of a record, with its `own`, are of who holds it where its id says that."""
        code, colon, _ = str(self.records.get(id(found), "")).partition(":")
        if not colon:
            return given(found, bits | own, self)
        self._by_code[code] = given(found, self._by_code.get(code, 0) | own, self)
        return bits

    def keep_reachable(self, data: object) -> None:
        """Forget the objects that are not in the answer: a null that may not be has taken them with it."""
        reached: set[int] = set()
        pending = [data]
        while pending:
            one = pending.pop()
            if isinstance(one, dict):
                reached.add(id(one))
                pending += one.values()
            elif isinstance(one, list):
                pending += one
        self.noted = [one for one in self.noted if id(one.object) in reached]
