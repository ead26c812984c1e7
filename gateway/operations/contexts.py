"""Where a field's argument takes its value from an object further up (`@fromContext`), that value is fetched too.

It is selected at the nearest object above that sets the context, hidden from the client. Federation v2.8, `@context`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from gateway.supergraph.selections import HIDDEN, Field, SelectionSet, TypeCase
from gateway.supergraph.typeref import named_type

if TYPE_CHECKING:
    from gateway.supergraph import Supergraph
    from gateway.supergraph.model import ContextArgument

_Position: TypeAlias = tuple[str, ...]


class Source(NamedTuple):
    """Where a context's value stands: at `keys` below the object to which the first `up` response keys lead."""

    up: int
    keys: tuple[str, ...]


Sources: TypeAlias = "Mapping[tuple[_Position, ContextArgument], Source]"
"""By the position of the object whose field has the argument."""


class _Above(NamedTuple):
    """An object on the way down."""

    position: _Position
    type_name: str


def with_contexts(selections: SelectionSet, type_name: str, supergraph: Supergraph) -> tuple[SelectionSet, Sources]:
    """The selections with what contexts need, and where each value will stand."""
    if not supergraph.context_arguments:
        return selections, {}
    worker = _Worker(supergraph)
    worker.find(selections, (_Above((), type_name),))
    return worker.insert(selections, type_name, ()), worker.sources


@dataclass(slots=True)
class _Worker:
    supergraph: Supergraph
    sources: dict[tuple[_Position, ContextArgument], Source] = field(default_factory=dict)
    wanted: dict[_Position, dict[ContextArgument, None]] = field(default_factory=dict)

    def find(self, selections: SelectionSet, above: tuple[_Above, ...]) -> None:
        """`above` are the objects from the root to the one that these selections are on."""
        here = above[-1]
        for selection in selections:
            if isinstance(selection, TypeCase):
                self.find(selection.selections, (*above[:-1], _Above(here.position, selection.type_name)))
                continue
            for argument in self._arguments(here.type_name, selection.name):
                self._settle(argument, above)
            if selection.selections:
                value = named_type(self.supergraph.types[here.type_name].fields[selection.name].type)
                self.find(selection.selections, (*above, _Above((*here.position, selection.key), value)))

    def _arguments(self, type_name: str, name: str) -> list[ContextArgument]:
        types = {type_name, *self.supergraph.object_types(type_name)}
        definitions = (self.supergraph.types[t].fields.get(name) for t in sorted(types))
        return [argument for d in definitions if d for owner in d.owners for argument in owner.contexts]

    def _settle(self, argument: ContextArgument, above: tuple[_Above, ...]) -> None:
        for object_ in reversed(above[:-1]):
            if self._setting(argument, object_.type_name):
                self.wanted.setdefault(object_.position, {})[argument] = None
                keys = (self._key(argument), *_below(argument.selection))
                self.sources[above[-1].position, argument] = Source(len(object_.position), keys)
                return

    def _setting(self, argument: ContextArgument, type_name: str) -> list[str]:
        """The types that set the context, and that values of this type can have."""
        possible = self.supergraph.object_types(type_name)
        return [
            other.name
            for other in self.supergraph.types.values()
            if argument.context in other.contexts and possible & self.supergraph.object_types(other.name)
        ]

    def _key(self, argument: ContextArgument) -> str:
        return f"{HIDDEN}context_{self.supergraph.context_arguments[argument]}"

    def insert(self, selections: SelectionSet, type_name: str, position: _Position) -> SelectionSet:
        """The selections of one object with the hidden ones added to it and to those below."""
        return (*self._inserted(selections, type_name, position), *self._hidden(type_name, position))

    def _inserted(self, selections: SelectionSet, type_name: str, position: _Position) -> SelectionSet:
        out: list[Field | TypeCase] = []
        for selection in selections:
            if isinstance(selection, TypeCase):
                inner = self._inserted(selection.selections, selection.type_name, position)
                out.append(replace(selection, selections=inner))
            elif selection.selections:
                value = named_type(self.supergraph.types[type_name].fields[selection.name].type)
                below = self.insert(selection.selections, value, (*position, selection.key))
                out.append(replace(selection, selections=below))
            else:
                out.append(selection)
        return tuple(out)

    def _hidden(self, type_name: str, position: _Position) -> list[Field | TypeCase]:
        out: list[Field | TypeCase] = []
        for argument in self.wanted.get(position, ()):
            for setting in self._setting(argument, type_name):
                taken = self._taken(argument.selection, setting)
                if taken is not None:
                    hidden = replace(taken, key=self._key(argument))
                    out.append(hidden if setting == type_name else TypeCase(setting, (hidden,)))
        return out

    def _taken(self, selections: SelectionSet, type_name: str) -> Field | None:
        """The field that is taken from an object of this type."""
        for selection in selections:
            if isinstance(selection, Field):
                return selection
            if self.supergraph.object_types(type_name) <= self.supergraph.object_types(selection.type_name):
                return self._taken(selection.selections, type_name)
        return None


def _below(selections: SelectionSet) -> tuple[str, ...]:
    """The response keys below the first field of a selection that is one way down."""
    first = selections[0]
    if isinstance(first, TypeCase):
        return _below(first.selections)
    return () if not first.selections else (_key_of(first.selections), *_below(first.selections))


def _key_of(selections: SelectionSet) -> str:
    first = selections[0]
    return first.key if isinstance(first, Field) else _key_of(first.selections)
