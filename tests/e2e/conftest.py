"""One real network for all tests here: issuer, index, agencies and gateway as processes over a small population."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.cli.demo.network import Network, start
from gateway.cli.demo.processes import Processes
from gateway.cli.seed import run_seed


class Running(NamedTuple):
    network: Network
    processes: Processes
    data: Path


@contextmanager
def made(data: Path) -> Iterator[Running]:
    assert run_seed(200, 1, data, today=dt.datetime.now(dt.UTC).date()) == 0
    with Processes(data / "run") as processes:
        yield Running(start(processes, data, deadline=2.0), processes, data)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with made(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture(scope="module")
def ending(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A network of a module's own, which its tests may stop."""
    with made(tmp_path_factory.mktemp("ending")) as network:
        yield network
