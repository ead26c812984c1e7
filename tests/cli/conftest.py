from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tests.cli.run import Cps, runner
from tests.edge.network import CARE, INDEX, POLICE


@pytest.fixture
def cps(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cps:
    return runner(capfd, monkeypatch)


@pytest.fixture
def subgraphs(tmp_path: Path) -> Path:
    """A configuration of three subgraphs: text, a file beside it, text again."""
    (tmp_path / "care.graphql").write_text(CARE)
    path = tmp_path / "subgraphs.json"
    path.write_bytes(
        orjson.dumps(
            [
                {"name": "index", "url": "http://127.0.0.1:4001/graphql", "sdl": INDEX},
                {"name": "care", "url": "http://127.0.0.1:4002/graphql", "file": "care.graphql", "agency": "380"},
                {"name": "police", "url": "http://127.0.0.1:4003/graphql", "sdl": POLICE, "agency": "13"},
            ]
        )
    )
    return path


@pytest.fixture
def query(tmp_path: Path) -> Path:
    path = tmp_path / "query.graphql"
    path.write_text('query A { child(nhsNumber: "9990000018") { id socialCare { leadWorker } } } query B { agencies }')
    return path
