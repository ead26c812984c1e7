"""A large answer, by this gateway and others in one run: how long it takes, and the most memory that it takes."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import httpx

from gateway.cli.demo.processes import choose_port
from tests.load import lists
from tests.load.bench import Subject, gateway, supergraph
from tests.load.servers import Server, module

_SECONDS = 60.0
"""What an answer may take."""


class Taken(NamedTuple):
    """Of one gateway: milliseconds (the median), the most memory that its process has held, and the answer's bytes."""

    name: str
    ms: float
    peak_mb: float
    size: int


def compare(
    folder: Path, others: Mapping[str, str], rounds: int, cores: tuple[str | None, str | None]
) -> Iterator[Taken]:
    """`others` are commands by name, with `{supergraph}` and `{port}` in them, or `{subgraphs}` and `{stub}`: a folder
    of NAME.graphql, and the URL below which each answers. `{configured}` is what ours is told of them.

    Raises `RuntimeError` where answers differ.
    """
    with ExitStack() as stack:
        port = choose_port(0)
        stub = Server(module("tests.load.stub", str(port), "0"), folder / "stub.log", cores[1])
        stack.callback(stub.stop)
        stub.wait_for(f"http://127.0.0.1:{port}/stats")
        composed, subgraphs = folder / "list.graphql", folder / f"subgraphs-{port}"
        composed.write_text(supergraph(lists.SDL, port))
        subgraphs.mkdir()
        for name, sdl in lists.SDL.items():
            (subgraphs / f"{name}.graphql").write_text(sdl)
        configured = folder / "subgraphs.json"
        agreed = {"answers": {"objects": 2 * lists.COUNT, "values": 20 * lists.COUNT}}
        urls = {name: f"http://127.0.0.1:{port}/{name}" for name in lists.SDL}
        configured.write_text(json.dumps([{"name": name, "url": url, **agreed} for name, url in urls.items()]))
        options = ("--supergraph", str(composed), "--subgraphs", str(configured))
        subject = Subject(options, options, "", "", folder / "tokens", ())
        serving = {"cps": stack.enter_context(gateway(subject, "open", 1, folder, cores[0]))}
        for name, command in others.items():
            chosen = choose_port(0)
            filled = command.format(
                supergraph=composed,
                configured=configured,
                port=chosen,
                subgraphs=subgraphs,
                stub=f"http://127.0.0.1:{port}",
            )
            serving[name] = stack.enter_context(_other(filled, chosen, folder / f"{name}.log", cores[0]))
        client = stack.enter_context(httpx.Client(timeout=_SECONDS))
        times: dict[str, list[float]] = {name: [] for name in serving}
        answers: dict[str, tuple[int, list[object]]] = {}
        for _ in range(rounds):
            for name, (_, url) in serving.items():
                start = time.perf_counter()
                answered = client.post(url, json={"query": lists.QUERY})
                times[name].append(time.perf_counter() - start)
                answers[name] = len(answered.content), answered.json()["data"]["items"]
        for name, (server, _) in serving.items():
            size, items = answers[name]
            if items != answers["cps"][1] or len(items) != lists.COUNT:
                raise RuntimeError(f"{name} answers otherwise")
            yield Taken(name, median(times[name]) * 1e3, server.peak_mb(), size)


@contextmanager
def _other(command: str, port: int, log: Path, cores: str | None) -> Iterator[tuple[Server, str]]:
    server = Server(shlex.split(command), log, cores)
    try:
        url = f"http://127.0.0.1:{port}/graphql"
        server.wait_for(f"{url}?query=%7B__typename%7D")
        yield server, url
    finally:
        server.stop()
