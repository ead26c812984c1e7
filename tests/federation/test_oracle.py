"""The oracle: over random federations, the gateway answers as graphql-core does on the undivided schema.

`CPS_ORACLE_EXAMPLES=5000` looks at that many, chosen anew each time; without it 60, always the same.
"""

from __future__ import annotations

import asyncio
import json
import os

from graphql import parse, validate
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.federation.generated import Federation, federations, queries, variables
from tests.federation.harness import Network

EXAMPLES = os.environ.get("CPS_ORACLE_EXAMPLES")


@settings(
    max_examples=int(EXAMPLES) if EXAMPLES else 60,
    derandomize=EXAMPLES is None,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_the_gateway_answers_as_the_undivided_schema_does(data: st.DataObject) -> None:
    federation: Federation = data.draw(federations())
    sources = federation.sources()
    for name, (sdl, records) in sources.items():
        note(f"# {name}\n{sdl}{json.dumps(records)}")
    network = Network.of(sources)
    query = data.draw(queries(federation))
    note(query)
    assert validate(network.supergraph.api_schema, parse(query)) == []
    given_variables = data.draw(variables())
    note(f"{query}\n{given_variables}")
    expected = network.undivided(query, given_variables, federation.whole)
    note(f"expected {json.dumps(expected)}")
    note("\n".join(network.plan(query).describe()))
    run = asyncio.run(network.run(query, given_variables))
    note(f"answered {json.dumps(run.answer)}")
    assert run.invalid == []
    assert run.errors == []
    assert run.data == expected
