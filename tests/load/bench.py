"""The gateway's own benchmark: modes, workers and connections, one table."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from gateway.cli.demo.network import start
from gateway.cli.demo.people import CHILD_A
from gateway.cli.demo.people import QUERY as PICTURE
from gateway.cli.demo.processes import Processes, choose_port
from gateway.cli.seed import run_seed
from gateway.composition import SubgraphSource, compose
from tests.load import standard
from tests.load.generator import Load
from tests.load.servers import Report, Server, drive, module
from tests.load.signing import TEAM

MODES = ("open", "access", "audit", "both")
POLICIES = Path(__file__).with_name("policies")


class Row(NamedTuple):
    """One measurement: requests a second, CPU microseconds a request (gateway and writer), latencies in ms, memory.

    `others_us` is the CPU a request that stub and generator take; `ceiling` the requests a second that all cores could
    serve at what the gateway and the others take together, were no core ever idle.
    """

    mode: str
    workers: int
    connections: int
    rps: float
    cpu_us: float
    others_us: float
    ceiling: float
    p50: float
    p99: float
    rss_mb: float
    failed: int


@dataclass(frozen=True)
class Subject:
    """What is served: the options of `cps serve` that name it, with the query, and who signs tokens for it.

    `serving` answers for the subgraphs, at the port `stub` where it is the stub.
    """

    plain: tuple[str, ...]
    secured: tuple[str, ...]
    body: str
    issuer: str
    tokens: Path
    policies: tuple[str, ...]
    purpose: str = ""
    serving: Server | None = None
    stub: int | None = None


@contextmanager
def standard_subject(folder: Path, delay_ms: float = 0.0, cores: str | None = None) -> Iterator[Subject]:
    """The standard shape over stubs that answer from memory."""
    with ExitStack() as stack:
        port, issuer = choose_port(0), choose_port(0)
        serving = Server(module("tests.load.stub", str(port), str(delay_ms)), folder / "stub.log", cores)
        stack.callback(serving.stop)
        serving.wait_for(f"http://127.0.0.1:{port}/stats")
        tokens = folder / "tokens"
        signing = Server(
            module("tests.load", "issuer", "--port", str(issuer), "--tokens", str(tokens)), folder / "issuer.log", cores
        )
        stack.callback(signing.stop)
        signing.wait_for(f"http://127.0.0.1:{issuer}/jwks")
        for name, secured in (("plain", False), ("secured", True)):
            sdls = {n: standard.sdl(n, secured=secured) for n in standard.SDL}
            (folder / f"{name}.graphql").write_text(supergraph(sdls, port))
        body = json.dumps({"query": standard.QUERY})
        yield Subject(
            ("--supergraph", str(folder / "plain.graphql")),
            ("--supergraph", str(folder / "secured.graphql")),
            body,
            f"http://127.0.0.1:{issuer}",
            tokens,
            ("--policies", str(POLICIES)),
            serving=serving,
            stub=port,
        )


CLASS = """
{
  findChildren(surname: "Benchmark", dateOfBirth: "2018-01-01") {
    id forename surname dateOfBirth
    knownTo { name sector }
    socialCare { leadWorker phone childProtectionPlan plans { category startDate leadWorker } }
    police { notices(first: 1) { officer unit date grade narrative } }
    acute { attendances(first: 1) { department arrival reason concern } }
    community { healthVisitor lastSeen }
    education { school safeguardingLead attendancePercent }
  }
}
"""
"""A list of 25 children, of each the records of five agencies that the demonstration's picture shows."""

NAMES = """
{
  findChildren(surname: "Benchmark", dateOfBirth: "2018-01-01") {
    id forename surname dateOfBirth
    socialCare { leadWorker team childProtectionPlan }
    police { notices(first: 1) { officer grade } }
    community { healthVisitor lastSeen }
    education { school attendancePercent }
  }
}
"""
"""The same list with a few fields of each record: what access costs is spread over less."""

PRACTITIONERS = 200
"""Whose tokens go round over the partnership: what is kept of each is warm, assertions that live a minute too."""


@contextmanager
def partnership_subject(
    folder: Path, query: str = PICTURE, children: int = 2_000, cores: str | None = None
) -> Iterator[Subject]:
    """What the five agencies' real subgraphs answer over a synthetic population, each answer given again from memory.

    25 of its children have one name and birthday.
    """
    with ExitStack() as stack:
        if run_seed(children, 1, folder):
            raise RuntimeError("the population can't be made")
        with sqlite3.connect(folder / "index.sqlite") as index:
            index.execute(
                "UPDATE child SET surname = 'Benchmark', dob = '2018-01-01' WHERE id IN (SELECT child.id FROM child"
                " JOIN holding ON child_id = child.id WHERE NOT shielded GROUP BY child.id"
                " ORDER BY count(*) DESC, child.id LIMIT 25)"
            )
            index.execute(
                "INSERT INTO relationship (number, child_id, kind, asserted_by, agency, team, since)"
                " SELECT (SELECT max(number) FROM relationship) + row_number() OVER (ORDER BY id), id, 'ALLOCATED',"
                " '380', '380', ?, '2020-01-01' FROM child WHERE surname = 'Benchmark' OR nhs = ?",
                (TEAM, CHILD_A),
            )
        processes = stack.enter_context(Processes(folder / "run"))
        start(processes, folder, guarded=False)  # the open gateway asserts nothing to them
        processes.stop("gateway")
        issuer = choose_port(0)
        tokens = folder / "tokens"
        signing = Server(
            module(
                "tests.load", "issuer", "--port", str(issuer), "--tokens", str(tokens), "--count", str(PRACTITIONERS)
            ),
            folder / "issuer.log",
        )
        stack.callback(signing.stop)
        signing.wait_for(f"http://127.0.0.1:{issuer}/jwks")
        listed = json.loads((folder / "run" / "subgraphs.json").read_text())
        replay = choose_port(0)
        urls = [each["url"] for each in listed]
        replaying = Server(module("tests.load.replay", str(replay), *urls), folder / "replay.log", cores)
        stack.callback(replaying.stop)
        replaying.wait_for(f"http://127.0.0.1:{replay}/0")
        for number, each in enumerate(listed):
            each["url"] = f"http://127.0.0.1:{replay}/{number}"
        (folder / "replayed.json").write_text(json.dumps(listed))
        config = ("--subgraphs", str(folder / "replayed.json"))
        body = json.dumps({"query": query})
        yield Subject(config, config, body, f"http://127.0.0.1:{issuer}", tokens, (), "S47", replaying)


def supergraph(sdls: dict[str, str], port: int) -> str:
    result = compose([SubgraphSource(name, f"http://127.0.0.1:{port}/{name}", text) for name, text in sdls.items()])
    if result.supergraph is None:
        raise RuntimeError(f"the benchmark's schema does not compose: {result.errors[0]}")
    return result.supergraph


@contextmanager
def gateway(subject: Subject, mode: str, workers: int, folder: Path, cores: str | None) -> Iterator[tuple[Server, str]]:
    """`cps serve` in one of the modes; yields it with its endpoint."""
    port = choose_port(0)
    secured = mode in ("access", "both")
    arguments = [
        "serve",
        *(subject.secured if secured else subject.plain),
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    arguments += ["--issuer", subject.issuer, *subject.policies] if secured else ["--insecure-no-auth"]
    arguments += ["--accept-sdls"] if secured and "--subgraphs" in arguments else []
    arguments += ["--data", tempfile.mkdtemp(dir=folder), *([] if mode in ("audit", "both") else ["--no-audit"])]
    server = Server(module("gateway", *arguments), folder / f"gateway-{port}.log", cores)
    try:
        server.wait_for(f"http://127.0.0.1:{port}/health")
        yield server, f"http://127.0.0.1:{port}/graphql"
    finally:
        server.stop()


def run(
    subject: Subject,
    folder: Path,
    modes: Sequence[str],
    workers: Sequence[int],
    connections: Sequence[int],
    seconds: float,
    rounds: int,
    cores: tuple[str | None, str | None],
) -> Iterator[Row]:
    """Every combination; all gateways of one number of workers stand at once, and their rounds are interleaved."""
    for count in workers:
        with ExitStack() as stack:
            serving = {mode: stack.enter_context(gateway(subject, mode, count, folder, cores[0])) for mode in modes}
            for at_once in connections:
                found: dict[str, list[_Measured]] = {mode: [] for mode in modes}
                for number in range(rounds + 1):
                    for mode, (server, url) in serving.items():
                        tokens = str(subject.tokens) if mode in ("access", "both") else ""
                        load = Load(url, subject.body, at_once, seconds, tokens, subject.purpose)
                        before = server.cpu_seconds(), _cpu(subject.serving)
                        report = drive(load, cores[1])
                        if number:  # the first warms
                            others = _cpu(subject.serving) - before[1] + report["cpu"]
                            found[mode].append(_Measured(report, server.cpu_seconds() - before[0], others))
                for mode, (server, _) in serving.items():
                    yield _row(mode, count, at_once, found[mode], server.rss_mb())


class _Measured(NamedTuple):
    """A round, and the CPU seconds of the gateway and of the others."""

    report: Report
    gateway: float
    others: float

    def each(self, seconds: float) -> float:
        """Microseconds a request."""
        return seconds * 1e6 / max(1, self.report["requests"])


def _cpu(server: Server | None) -> float:
    return server.cpu_seconds() if server else 0.0


def _row(mode: str, workers: int, connections: int, found: list[_Measured], rss_mb: float) -> Row:
    cpu_us = median(one.each(one.gateway) for one in found)
    others_us = median(one.each(one.others) for one in found)
    return Row(
        mode,
        workers,
        connections,
        median(one.report["requests"] / one.report["seconds"] for one in found),
        cpu_us,
        others_us,
        (os.cpu_count() or 1) * 1e6 / (cpu_us + others_us),
        median(one.report["p50"] for one in found),
        median(one.report["p99"] for one in found),
        rss_mb,
        sum(one.report["failed"] for one in found),
    )
