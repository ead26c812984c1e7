"""A subgraph of the gateway's own that fails: what its client is told, and what the operator reads."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from gateway.errors import ConfigError
from gateway.inside import answered, executable


@pytest.mark.parametrize(
    ("error", "logged"),
    [(ConfigError("the log is damaged"), "ConfigError: the log is damaged"), (KeyError("Jones"), "failed: KeyError")],
)
async def test_a_fault_is_logged_and_not_told_and_only_configuration_is_in_words(
    error: Exception, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    def resolve(_source: Any, _info: Any) -> Any:
        raise error

    asking: Any = None  # nothing that fails has looked at it
    body = orjson.dumps({"query": "{ entries }"})
    told = orjson.loads(await answered(executable("type Query { entries: Int }"), asking, body, resolve))
    assert told["errors"] == [
        {
            "message": "the gateway failed; the fault is logged",
            "path": ["entries"],
            "extensions": {"code": "INTERNAL"},
        }
    ]
    assert logged in caplog.text
    assert "Jones" not in caplog.text
