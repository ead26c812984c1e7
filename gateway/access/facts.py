"""The facts of one child, asked of the index by the child's own id: what a decision depends on, and no data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from gateway.errors import SubgraphError
from gateway.execution import target
from gateway.supergraph.selections import Field, SelectionSet, text
from gateway.supergraph.subjects import regional_key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.execution import SubgraphTransport, Target
    from gateway.supergraph import CompositeType, Supergraph


SURNAMES: Final = "surnames"
"""A field that clients do not see, by which a subject's authority says all surnames that it knows of a child."""


class FactsReader:
    """Asks the subgraph that resolves a subject's facts by its id."""

    def __init__(self, supergraph: Supergraph, transport: SubgraphTransport) -> None:
        self._transport = transport
        self._type = next((supergraph.types[name] for name in sorted(supergraph.subjects.types)), None)
        self._graph = _graph(self._type) if self._type else None
        self.graph_name = supergraph.graphs[self._graph].name if self._graph else ""
        url = supergraph.graphs[self._graph].url if self._graph else ""
        self._target: Target | None = target(url) if url.startswith("http") else None
        self._surnames = SURNAMES if self._type and _is_own(self._type, SURNAMES, self._graph) else ""

    async def of(
        self, child: str, headers: Callable[[str], bytes], *, surnames: bool = False
    ) -> Mapping[str, object] | None:
        """Return the facts, with `surnames` where they are wanted and the authority says them.

        None where there is no such child; raises `SubgraphError` where that can't be learnt.
        """
        if self._type is None or self._target is None:
            raise SubgraphError("NOT_ASKED", "nobody knows the facts of a subject")
        key = regional_key(self._type)
        query = (
            f"query($_r0: [_Any!]!) {{ _entities(representations: $_r0) {{ ... on {self._type.name} "
            f"{{ {key} {text(self._type.facts)} {self._surnames if surnames else ''} }} }} }}"
        )
        sent = [{"__typename": self._type.name, key: child}]
        body = orjson.dumps({"query": query, "variables": {"_r0": sent}})
        answer = await self._transport.post(self._target, body, headers(self.graph_name), again=True)
        try:
            (found,) = orjson.loads(answer.body)["data"]["_entities"]
        except (ValueError, KeyError, TypeError) as error:
            raise SubgraphError("BAD_CONTENT", "the answer is not one entity") from error
        return found if isinstance(found, dict) and found.get(key or "") == child else None


def _graph(type_: CompositeType) -> str | None:
    """The subgraph that knows all the facts, and resolves the type by its id."""
    key = regional_key(type_)
    for graph, membership in type_.memberships.items():
        keyed = any(_is_only(each.fields, key) and each.resolvable for each in membership.keys)
        facts = [fact.name for fact in type_.facts if isinstance(fact, Field)]
        owned = all(
            any(owner.graph == graph and not owner.external for owner in type_.fields[name].owners) for name in facts
        )
        if keyed and owned:
            return graph
    return None


def _is_own(type_: CompositeType, name: str, graph: str | None) -> bool:
    """Return whether a field is that subgraph's alone, and hidden from clients."""
    field = type_.fields.get(name)
    return field is not None and field.inaccessible and {owner.graph for owner in field.owners} == {graph}


def _is_only(fields: SelectionSet, name: str | None) -> bool:
    return len(fields) == 1 and isinstance(fields[0], Field) and fields[0].name == name
