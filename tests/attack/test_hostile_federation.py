"""One subgraph of a random federation lies: what the others say arrives as if it had told the truth.

`CPS_ATTACK_EXAMPLES=N` looks at that many, chosen anew each time. `python -m tests.attack.planted` shows that each of
ten planted faults is found.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Callable
from typing import Any

import orjson
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from gateway.execution import Answer, Target
from gateway.planning import Plan
from tests.attack.forging import ENTITIES, FORGERIES, Vocabulary, add_all_keys, add_keys, keys_of
from tests.federation.harness import Gateway, Network, Recorded
from tests.federation.oracle.federations import federations
from tests.federation.oracle.queries import queries, variables
from tests.federation.oracle.schema import Federation
from tests.federation.oracle.spared import Spared
from tests.federation.oracle.verdict import ResponsePath
from tests.federation.test_oracle import build
from tests.federation.values import Json

EXAMPLES = os.environ.get("CPS_ATTACK_EXAMPLES")


def attack_settings(examples: int) -> settings:
    return settings(
        max_examples=int(EXAMPLES or examples),
        deadline=None,
        database=None,
        derandomize=EXAMPLES is None,
        suppress_health_check=list(HealthCheck),
    )


class Lying(Recorded):
    """Subgraphs of which one forges its answers; the same request is answered alike each time.

    `miscounted`: it has answered with too many entities or too few, of those that it was asked about any.
    """

    liar: str = ""
    forge: Callable[[Any, random.Random], None]
    miscounted = False

    async def answer(self, to: Target, body: bytes, headers: bytes) -> Answer:
        honest = await super().answer(to, body, headers)
        if to.host != self.liar:
            return honest
        answer = orjson.loads(honest.body)
        counts = _entities_of(answer)
        self.forge(answer, random.Random(body))  # noqa: S311 - to be had again
        forged = _entities_of(answer)
        self.miscounted |= any(count and forged.get(key) != count for key, count in counts.items())
        return Answer(200, "application/json", orjson.dumps(answer))


def _entities_of(answer: Any) -> dict[str, int]:
    """Return how many entities an answer has, by response key."""
    data = answer.get("data")
    found = data if isinstance(data, dict) else {}
    return {key: len(value) for key, value in found.items() if ENTITIES.fullmatch(key) and isinstance(value, list)}


@attack_settings(100)
@given(data=st.data())
def test_what_one_subgraph_forges_changes_no_others_values(data: st.DataObject) -> None:
    federation: Federation = data.draw(federations())
    network = build(federation)
    query = data.draw(queries(network.supergraph.api_schema))
    given_variables = data.draw(variables())
    note(f"{query}\n{given_variables}")
    if query.startswith("mutation"):
        return  # done twice it would be another answer
    honest = asyncio.run(network.run(query, given_variables))
    plan = network.plan(query)
    asked = sorted({request.graph.name for request in plan.requests})
    if not asked:
        return
    liar = data.draw(st.sampled_from(asked))
    forgery = data.draw(st.sampled_from(FORGERIES))
    note(f"{liar} lies: {forgery.__name__}")
    vocabulary = Vocabulary(
        ["__typename", *keys_of([request.query for request in plan.requests])], sorted(network.supergraph.types)
    )
    lied, miscounted = asyncio.run(_lying(network, liar, forgery, vocabulary, query, given_variables))
    note(f"honest {honest.answer}\nlied {lied}")
    if forgery in (add_keys, add_all_keys):
        assert lied == honest.answer
        return
    if miscounted:
        assert lied.get("errors"), "an answer with too many or too few entities is a bad answer, and that is said"
    spared = Spared(plan, liar, given_variables)
    spared.bad |= settled_by(plan, liar)
    told = [tuple(error.get("path") or ()) for error in lied.get("errors", ())]
    assert changes(honest.data, lied["data"], told, spared) == []


def settled_by(plan: Plan, liar: str) -> set[tuple[str, ...]]:
    """Return the positions of objects of which the liar's word settles whether they exist: that word is its own."""
    return {
        tuple(segment.key for segment in path)
        for request in plan.requests
        if request.graph.name == liar
        for step in request.steps
        if step.entity is not None and request.graph.id in plan.authoritative.get(step.entity, frozenset())
        for path in step.paths
    }


async def _lying(
    network: Network, liar: str, forgery: Any, vocabulary: Vocabulary, query: str, given_variables: dict[str, Json]
) -> tuple[dict[str, Any], bool]:
    gateway = network.gateway()
    transport = Lying(network.subgraphs)
    transport.liar = liar.replace("_", "-")
    transport.forge = lambda answer, rng: forgery(answer, rng, vocabulary)
    for pipeline in (gateway.pipeline, gateway.interpreter):
        pipeline._transport = transport
    run = await Gateway(network, transport, gateway.pipeline, gateway.interpreter).run(query, given_variables)
    assert run.invalid == []
    return run.answer, transport.miscounted


def changes(
    honest: Json, lied: Json, errors: list[ResponsePath], spared: Callable[[ResponsePath], bool]
) -> list[ResponsePath]:
    """Return the paths of values that do not depend on who lied, and are others than before.

    A null stands for any where an error covers it: the liar may have spoilt what is around it.
    """
    found: list[ResponsePath] = []

    def compare(wanted: Json, got: Json, path: ResponsePath) -> None:
        if got is None and wanted is not None:
            covered = any(error[: len(path)] == path or path[: len(error)] == error for error in errors)
            if not covered and spared(path):
                found.append(path)
        elif isinstance(wanted, dict) and isinstance(got, dict):
            for key in wanted.keys() & got.keys():
                compare(wanted[key], got[key], (*path, key))
        elif isinstance(wanted, list) and isinstance(got, list):
            for index, (a, b) in enumerate(zip(wanted, got, strict=False)):
                compare(a, b, (*path, index))
        elif (wanted != got or type(wanted) is not type(got)) and all(
            spared(path[:length]) for length in range(1, len(path) + 1) if isinstance(path[length - 1], str)
        ):
            found.append(path)

    compare(honest, lied, ())
    return found
