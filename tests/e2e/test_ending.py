"""What is left when an agency, or the whole network, is stopped."""

from __future__ import annotations

import os

import pytest

from gateway.cli.demo.compare import ask, values_at
from tests.e2e.conftest import Running
from tests.e2e.test_main_job import SOCIAL_WORKER, entry_of


def test_what_answers_stands_when_an_agency_is_down(ending: Running) -> None:
    """Last in this module: it ends the police subgraph."""
    ending.processes.stop("police")
    received = ask(ending.network, SOCIAL_WORKER)
    assert values_at(received.answer["data"], ["child", "forename"]) == ["Safiya"]
    assert values_at(received.answer["data"], ["child", "socialCare", "leadWorker"])
    data = received.answer["data"]
    assert isinstance(data, dict)
    assert data["child"]["police"] is None
    errors = received.answer["errors"]
    assert isinstance(errors, list)
    assert [error["path"] for error in errors] == [["child", "police"]]
    assert errors[0]["extensions"]["agency"] == "police"
    assert received.report["unavailable"] == [{"path": "child.police", "agency": "police", "reason": "UNREACHABLE"}]
    entry = entry_of(ending, received.answer)
    assert entry["outcome"] == "PARTIAL"
    assert entry["unavailable"] == [{"path": "child.police", "agency": "13", "reason": "UNREACHABLE"}]
    assert "13" not in str(entry["answered"])


def test_leaving_the_network_leaves_no_process(ending: Running) -> None:
    """Last of all: it ends the network."""
    pids = ending.processes.pids()
    assert "gateway" in pids
    ending.processes.stop()
    for pid in pids.values():
        with pytest.raises(ProcessLookupError, match="No such process"):
            os.kill(pid, 0)
