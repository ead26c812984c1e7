"""The oracle: over random federations, the gateway answers as graphql-core does on the undivided schema.

`CPS_ORACLE_EXAMPLES=5000` looks at that many, chosen anew each time; without it at a few, always the same.
"""

from __future__ import annotations

import asyncio
import json
import os

from graphql import ExecutionResult, execute_sync, parse, validate
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.federation.harness import Fault, Network, Run, needless
from tests.federation.oracle.federations import federations
from tests.federation.oracle.parts import Part, part
from tests.federation.oracle.queries import queries, variables
from tests.federation.oracle.schema import Federation
from tests.federation.oracle.sdl import graph_name, sdl
from tests.federation.oracle.spared import Spared
from tests.federation.oracle.verdict import ResponsePath, faults_of, untold
from tests.federation.values import Data, Json

EXAMPLES = os.environ.get("CPS_ORACLE_EXAMPLES")
FAULTS = (
    Fault(reason="UNREACHABLE"),
    Fault(reason="DEADLINE"),
    Fault(status=500),
    Fault(body=b'{"data": null, "errors": [{"message": "down"}]}'),
    Fault(body=b"not JSON"),
)


def oracle_settings(examples: int) -> settings:
    return settings(
        max_examples=int(EXAMPLES) if EXAMPLES else examples,
        derandomize=EXAMPLES is None,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def build(federation: Federation) -> Network:
    """The federation's subgraphs, with one log of mutations for all."""
    sources = {
        graph_name(graph): (sdl(federation, graph), part(federation, graph)) for graph in range(federation.graphs)
    }
    for name, (text, data) in sources.items():
        note(f"# {name}\n{text}{json.dumps(data)}")
    network = Network.of(sources)
    log: list[str] = []
    for subgraph in network.subgraphs:
        subgraph.data = Part(subgraph.data.data)
        subgraph.data.log = log
    return network


def undivided(
    network: Network, federation: Federation, query: str, given: dict[str, Json]
) -> tuple[ExecutionResult, list[str]]:
    """graphql-core's answer over the API schema as one schema, and what it did in which order."""
    whole = Data(federation.data)
    result = execute_sync(
        network.supergraph.api_schema,
        parse(query),
        variable_values=given,
        field_resolver=whole.resolve_field,
        type_resolver=whole.resolve_type,
    )
    note(f"expected {json.dumps(result.data)}, errors at {[error.path for error in result.errors or ()]}")
    return result, whole.log


def answer(network: Network, query: str, given: dict[str, Json]) -> Run:
    plan = network.plan(query)
    note("\n".join(plan.describe()))
    assert needless(plan) == []
    run = asyncio.run(network.run(query, given))
    note(f"answered {json.dumps(run.answer)}")
    assert run.invalid == []
    return run


def paths(run: Run) -> list[ResponsePath]:
    return [tuple(error.get("path") or ()) for error in run.errors]


@oracle_settings(100)
@given(data=st.data())
def test_the_gateway_answers_as_the_undivided_schema_does(data: st.DataObject) -> None:
    federation: Federation = data.draw(federations())
    network = build(federation)
    query = data.draw(queries(network.supergraph.api_schema))
    given_variables = data.draw(variables())
    note(f"{query}\n{given_variables}")
    assert validate(network.supergraph.api_schema, parse(query)) == []
    expected, log = undivided(network, federation, query, given_variables)
    run = answer(network, query, given_variables)
    assert network.subgraphs[0].data.log == log
    told = [tuple(error.path or ()) for error in expected.errors or ()]
    if not told:
        assert run.errors == []
    assert run.data == expected.data
    if "@" not in query:
        assert json.dumps(run.data) == json.dumps(expected.data), "the keys are in another order"
    assert untold(told, paths(run)) == []


@oracle_settings(60)
@given(data=st.data())
def test_a_failed_subgraph_costs_what_depends_on_it_and_says_so(data: st.DataObject) -> None:
    federation: Federation = data.draw(federations())
    network = build(federation)
    query = data.draw(queries(network.supergraph.api_schema))
    given_variables = data.draw(variables())
    note(f"{query}\n{given_variables}")
    expected, _ = undivided(network, federation, query, given_variables)
    plan = network.plan(query)
    asked = sorted({request.graph.name for request in plan.requests})
    failed = data.draw(st.sampled_from(asked or [graph_name(0)]))
    network.faults = {failed: data.draw(st.sampled_from(FAULTS))}
    note(f"{failed} fails: {network.faults[failed]}")
    run = answer(network, query, given_variables)
    spared = Spared(plan, failed, given_variables)
    assert faults_of(expected.data, run.data, paths(run), spared) == []
