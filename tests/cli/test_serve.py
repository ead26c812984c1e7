"""`cps serve`: what it refuses to start with, and what it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import httpx
import orjson
import pytest
import uvicorn

from gateway import app
from gateway.app import AppConfig, Served
from gateway.audit import load_key
from gateway.cli.supergraphs import load
from gateway.composition import CompositionResult, SubgraphSource, compose
from gateway.config import read_subgraphs
from gateway.errors import ConfigError
from gateway.registry import KeptSupergraph, fetch_sources
from tests.cli.run import Cps

Started = list[dict[str, object]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Started:
    """What would have been served: nothing is, here. What is kept by default is kept in a folder of the test's."""
    found: Started = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(uvicorn, "run", lambda app, **how: found.append({"app": app, **how}))
    return found


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "gateway.example", "", "127.0.0.1.example"])  # noqa: S104 - refused
@pytest.mark.parametrize("flag", ["--insecure-no-auth", "--no-audit"])
def test_what_is_insecure_is_for_loopback_only(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, host: str, flag: str
) -> None:
    issuer = ("--issuer", "https://idp.example") if flag == "--no-audit" else ()
    data = tmp_path / "data"
    status, _, err = cps("serve", "--subgraphs", subgraphs, "--host", host, "--data", data, flag, *issuer)
    assert status == 2
    assert err.endswith(f"cps: {flag} serves on loopback only, not on `{host}`\n")
    assert started == []
    assert not data.exists()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_on_loopback_it_starts_and_warns(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, host: str
) -> None:
    more = ("--insecure-no-auth", "--no-audit", "--data", tmp_path / "data")
    status, _, err = cps("serve", "--subgraphs", subgraphs, "--host", host, *more)
    assert status == 0
    assert err.count("warning:") == 2
    assert started[0]["host"] == host
    assert started[0]["access_log"] is False
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("far", ["an agency", "the issuer", "neither"])
def test_who_is_off_this_machine_is_asked_by_tls(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, far: str
) -> None:
    if far == "an agency":
        subgraphs.write_bytes(subgraphs.read_bytes().replace(b"127.0.0.1:4003", b"police.example"))
    issuer = "http://idp.example" if far == "the issuer" else "https://idp.example"
    serving = ("serve", "--subgraphs", subgraphs, "--data", tmp_path / "data", "--issuer", issuer, "--accept-sdls")
    status, _, err = cps(*serving)
    assert status == (0 if far == "neither" else 2)
    who = {"an agency": "`police` is at `http://police.example`", "the issuer": "the issuer is at `http://idp.example`"}
    assert (who.get(far, "is at") in err) is (far != "neither")
    assert cps(*serving, "--insecure-http").status == 0
    assert len(started) == (2 if far == "neither" else 1)


def test_the_same_subgraphs_are_composed_once(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[int] = []

    def composing(sources: Sequence[SubgraphSource]) -> CompositionResult:
        composed.append(len(sources))
        return compose(sources)

    monkeypatch.setattr(import_module("gateway.cli.supergraphs"), "compose", composing)
    serving = ("serve", "--subgraphs", subgraphs, "--data", tmp_path / "data", "--issuer", "https://idp.example")
    for _ in range(2):
        assert cps(*serving).status == 0
    assert len(composed) == 1
    listed = orjson.loads(subgraphs.read_bytes())
    listed[0]["sdl"] += " # changed"
    subgraphs.write_bytes(orjson.dumps(listed))
    for _ in range(2):
        assert cps(*serving).status == 0
    assert len(composed) == 2
    assert len(started) == 4


def test_what_is_kept_is_served_as_what_is_composed(subgraphs: Path, tmp_path: Path) -> None:
    kept = KeptSupergraph(tmp_path / "composed.json")
    composed, configured, *_ = load(None, subgraphs, own=True, kept=kept)
    again, configured_again, *_ = load(None, subgraphs, own=True, kept=kept)
    assert composed is not again
    assert (composed.version, composed.graphs, composed.types) == (again.version, again.graphs, again.types)
    assert configured == configured_again


@pytest.mark.parametrize("kept", ["type Query {", "type Query { a: Int }"])
def test_what_is_kept_and_is_no_supergraph_is_composed_again(subgraphs: Path, tmp_path: Path, kept: str) -> None:
    path = tmp_path / "composed.json"
    composed, *_ = load(None, subgraphs, kept=KeptSupergraph(path))
    sources = asyncio.run(fetch_sources(read_subgraphs(subgraphs)))
    KeptSupergraph(path).keep(sources, kept)
    assert load(None, subgraphs, kept=KeptSupergraph(path))[0].version == composed.version
    assert KeptSupergraph(path).read(sources) != kept


def test_over_code_that_has_changed_nothing_is_composed(
    subgraphs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "composed.json"
    load(None, subgraphs, kept=KeptSupergraph(path))
    kept = path.read_bytes()
    monkeypatch.setattr(import_module("gateway.cli.supergraphs"), "has_code_changed", lambda: True)
    load(None, subgraphs, kept=KeptSupergraph(path))
    subgraphs.write_text(subgraphs.read_text().replace('"index"', '"the-index"'))
    with pytest.raises(ConfigError, match="start it again"):
        load(None, subgraphs, kept=KeptSupergraph(path))
    assert path.read_bytes() == kept


def test_without_an_issuer_it_does_not_start(cps: Cps, started: Started, subgraphs: Path, tmp_path: Path) -> None:
    for more in ((), ("--no-audit",)):
        status, _, err = cps("serve", "--subgraphs", subgraphs, "--data", tmp_path / "data", *more)
        assert status == 2
        assert "give --issuer URL" in err
    assert started == []


def test_with_an_issuer_it_asks_for_tokens_and_makes_the_log(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    more = ("--issuer", "https://idp.example", "--data", data, "--host", "192.0.2.7", "--port", 4444)
    assert cps("serve", "--subgraphs", subgraphs, *more).status == 0
    assert (started[0]["host"], started[0]["port"]) == ("192.0.2.7", 4444)
    assert {"audit.key", "audit.sqlite"} <= {path.name for path in (tmp_path / "data").glob("*")}
    assert len(load_key(data / "audit.key", make=False)) == 32
    app = started[0]["app"]
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type] # the application

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            return [
                (await client.post("/graphql", json={"query": "{agencies}"})).status_code,
                (await client.get("/health")).status_code,
                (await client.get("/nothing")).status_code,
            ]

    assert asyncio.run(ask()) == [401, 503, 404]  # the log's writer has ended with the server


@pytest.mark.parametrize(
    "more",
    [
        ("--port", "0"),
        ("--port", "65536"),
        ("--port", "x"),
        ("--deadline", "0"),
        ("--deadline", "nan"),
        ("--deadline", "301"),
        ("--max-cost", "-1"),
        ("--max-cost", "much"),
        ("--list-size", "0"),
        ("--console-query", "nowhere.graphql"),
        ("--data", "FILE"),
    ],
)
def test_options_out_of_range_are_status_2(cps: Cps, started: Started, subgraphs: Path, more: tuple[str, str]) -> None:
    value = str(subgraphs) if more[1] == "FILE" else more[1]
    result = cps("serve", "--subgraphs", subgraphs, "--insecure-no-auth", more[0], value)
    assert result.status == 2
    assert started == []


@pytest.mark.parametrize(
    ("more", "origin"),
    [
        ((), "http://127.0.0.1:4000"),
        (("--port", "4010"), "http://127.0.0.1:4010"),
        (("--host", "::1"), "http://[::1]:4000"),
        (("--console-url", "https://gateway.example"), "https://gateway.example"),
    ],
)
def test_browsers_reach_the_console_where_it_is_said(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, more: tuple[str, ...], origin: str
) -> None:
    options = ("--issuer", "https://idp.example", "--console-client", "console", "--data", tmp_path / "data", *more)
    assert cps("serve", "--subgraphs", subgraphs, *options).status == 0
    application = started[0]["app"]
    assert isinstance(application, app.Application)
    assert application._config.console is not None
    assert application._config.console.base_url == origin


def test_nobody_signs_in_where_requests_are_taken_from_anyone(cps: Cps, started: Started, tmp_path: Path) -> None:
    more = ("--issuer", "https://idp.example", "--console-client", "console", "--data", tmp_path / "data")
    status, _, err = cps("serve", "--insecure-no-auth", *more)
    assert status == 2
    assert "--console-client signs people in, and --insecure-no-auth takes requests from anyone" in err
    assert started == []


def test_without_a_source_is_status_2(cps: Cps, started: Started, tmp_path: Path) -> None:
    status, _, err = cps("serve", "--insecure-no-auth", "--data", tmp_path / "data")
    assert status == 2
    assert "give --supergraph FILE or --subgraphs FILE" in err
    assert started == []


def test_beside_a_supergraph_the_list_says_whose_its_subgraphs_are(subgraphs: Path, tmp_path: Path) -> None:
    composed = load(None, subgraphs).supergraph
    path = tmp_path / "supergraph.graphql"
    path.write_text(composed.sdl)
    read = load(path, subgraphs)
    assert read.supergraph.version == composed.version
    assert [each.name for each in read.subgraphs] == [each.name for each in load(None, subgraphs).subgraphs]


@pytest.mark.parametrize("broken", ["key", "log", "folder"])
def test_an_audit_that_cannot_be_opened_is_status_2(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, broken: str
) -> None:
    data = tmp_path / "data"
    if broken == "folder":
        (tmp_path / "file").write_text("x")
        data = tmp_path / "file" / "data"
    else:
        data.mkdir()
        name = "audit.key" if broken == "key" else "audit.sqlite"
        (data / name).write_bytes(b"noise" * 1_000)
        (data / name).chmod(0o600)
    status, _, err = cps("serve", "--subgraphs", subgraphs, "--issuer", "https://idp.example", "--data", data)
    assert status == 2
    assert ("cps: `assertion.jwk`" if broken == "folder" else "cps: the audit") in err
    assert started == []


@pytest.mark.parametrize("url", ["ftp://a.example/", "http://h:notaport/", "http://h:99999/", "nothing"])
def test_a_subgraph_at_no_address_is_status_2(cps: Cps, started: Started, tmp_path: Path, url: str) -> None:
    path = tmp_path / "config.json"
    path.write_text('[{"name": "a", "url": "%s", "sdl": "type Query { a: Int }"}]' % url)  # noqa: UP031 - braces
    status, _, err = cps("serve", "--subgraphs", path, "--insecure-no-auth", "--no-audit")
    assert status == 2
    assert "cps: " in err
    assert started == []


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{ agencies }\n"])
def test_the_consoles_query_is_text(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "console.graphql"
    path.write_bytes(content)
    more = ("--issuer", "https://idp.example", "--console-client", "console", "--console-query", path)
    status, _, err = cps("serve", "--subgraphs", subgraphs, "--data", tmp_path / "data", *more)
    if content.isascii():
        assert (status, len(started)) == (0, 1)
    else:
        assert status == 2
        assert "can't be read" in err


def test_a_console_on_plain_http_elsewhere_is_status_2(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path
) -> None:
    more = ("--issuer", "https://idp.example", "--console-client", "console", "--host", "192.0.2.7")
    status, _, err = cps("serve", "--subgraphs", subgraphs, "--data", tmp_path / "data", *more)
    assert status == 2
    assert "https" in err
    assert started == []


class Wired(NamedTuple):
    served: Served
    config: AppConfig


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch, started: Started) -> list[Wired]:
    """How the gateways were wired."""
    found: list[Wired] = []

    def build(served: Served, config: AppConfig, reload: Callable[[], Served]) -> app.Application:
        found.append(Wired(served, config))
        return app.build(served, config, reload)

    monkeypatch.setattr(import_module("gateway.cli.serve"), "build", build)
    return found


OPEN = ("--insecure-no-auth", "--no-audit")


def test_bounds_on_cost(cps: Cps, wired: list[Wired], subgraphs: Path) -> None:
    assert cps("serve", "--subgraphs", subgraphs, *OPEN).status == 0
    assert cps("serve", "--subgraphs", subgraphs, *OPEN, "--max-cost", 77, "--list-size", 5).status == 0
    assert cps("serve", "--subgraphs", subgraphs, *OPEN, "--max-cost", 0).status == 0
    limits = [config.limits for _, config in wired]
    assert [(each.estimated_cost, each.list_size) for each in limits] == [(1_000_000, 10), (77, 5), (None, 10)]


@pytest.mark.parametrize(
    ("messages", "more", "passing"),
    [
        ({}, ("--issuer", "https://idp.example"), set()),
        ({}, ("--issuer", "https://idp.example", "--pass-messages"), {"index", "care", "police"}),
        ({}, ("--insecure-no-auth",), {"index", "care", "police"}),
        ({"care": "pass", "police": "mask"}, ("--issuer", "https://idp.example"), {"care"}),
        ({"care": "pass", "police": "mask"}, ("--insecure-no-auth",), {"index", "care"}),
        ({"police": "mask"}, ("--issuer", "https://idp.example", "--pass-messages"), {"index", "care"}),
    ],
)
def test_whose_own_messages_pass(
    cps: Cps,
    wired: list[Wired],
    subgraphs: Path,
    messages: dict[str, str],
    more: tuple[str, ...],
    passing: set[str],
) -> None:
    stated = orjson.loads(subgraphs.read_bytes())
    for subgraph in stated:
        if subgraph["name"] in messages:
            subgraph["messages"] = messages[subgraph["name"]]
    subgraphs.write_bytes(orjson.dumps(stated))
    assert cps("serve", "--subgraphs", subgraphs, "--no-audit", *more).status == 0
    assert wired[0].served.pass_messages == passing


def test_messages_pass_from_a_supergraphs_subgraphs(
    cps: Cps, wired: list[Wired], subgraphs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "supergraph.graphql"
    path.write_text(cps("compose", "--config", subgraphs).out)
    more = ("--no-audit", "--issuer", "https://idp.example")
    assert cps("serve", "--supergraph", path, *more).status == 0
    assert cps("serve", "--supergraph", path, *more, "--pass-messages").status == 0
    assert [set(served.pass_messages) for served, _ in wired] == [set(), {"index", "care", "police"}]


def overridden(path: Path, labels: list[str]) -> Path:
    """A configuration of two subgraphs, one of which overrides a field of the other under each label."""
    link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@override"])'
    fields = " ".join(f"f{n}: Int" for n in range(len(labels)))
    over = " ".join(f'f{n}: Int @override(from: "a", label: "{label}")' for n, label in enumerate(labels))
    sdls = {"a": f"{link} type Query {{ {fields} }}", "b": f"{link} type Query {{ {over} }}"}
    path.write_bytes(orjson.dumps([{"name": n, "url": f"http://127.0.0.1:1/{n}", "sdl": s} for n, s in sdls.items()]))
    return path


def test_labels_that_are_in_force(cps: Cps, wired: list[Wired], tmp_path: Path) -> None:
    path = overridden(tmp_path / "c.json", ["one", "percent(5)", "other"])
    given = ("--override-label", "one", "--override-label", "percent(5)")
    status, _, err = cps("serve", "--subgraphs", path, *OPEN, *given)
    assert (status, "no override" in err) == (0, False)
    assert wired[0].config.override_labels == {"one", "percent(5)"}
    status, _, err = cps("serve", "--subgraphs", path, *OPEN, "--override-label", "onne")
    assert status == 0
    assert "warning: no override has the label `onne`\n" in err
    assert cps("serve", "--subgraphs", path, *OPEN).status == 0
    assert wired[2].config.override_labels == frozenset()


def test_too_many_labels_to_draw_are_status_2(cps: Cps, started: Started, tmp_path: Path) -> None:
    path = overridden(tmp_path / "c.json", [f"percent({n})" for n in range(10, 15)])
    status, _, err = cps("serve", "--subgraphs", path, *OPEN)
    assert status == 2
    assert "cps: at most 4 labels of overrides are drawn by percent, the supergraph has 5: `percent(10)`" in err
    assert started == []
    assert cps("serve", "--subgraphs", path, *OPEN, "--override-label", "percent(12)").status == 0


@pytest.mark.parametrize("option", ["--policies", "--token-profile", "--trusted"])
def test_a_file_that_is_not_what_it_should_be_is_status_2(
    cps: Cps, started: Started, subgraphs: Path, tmp_path: Path, option: str
) -> None:
    given = tmp_path / "given"
    if option == "--policies":
        given.mkdir()
        (given / "a.cedar").write_text("permit nothing")
    else:
        given.write_text("[")
    more = ("--issuer", "https://idp.example", "--data", tmp_path / "data", option, given)
    status, _, err = cps("serve", "--subgraphs", subgraphs, *more)
    assert (status, started) == (2, [])
    assert err.splitlines()[-1].startswith("cps: ")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not JSON"),
        ("[{}]", "JSON list of issuers"),
        ('[{"issuer": 5}]', "JSON list of issuers"),
        ('[{"issuer": "https://idp.example", "client": "x"}]', "JSON list of issuers"),
        ('[{"issuer": "https://idp.example", "agencies": ["380"]}]', "named twice"),
        ('[{"issuer": "https://other.example"}]', "`agencies`"),
        ('[{"issuer": "https://other.example", "agencies": []}]', "`agencies`"),
        (
            '[{"issuer": "https://a.example", "agencies": ["1"]}, {"issuer": "b", "agencies": ["1"]}]',
            "one issuer speaks",
        ),
        ('[{"issuer": "https://other.example", "agencies": ["380"], "profile": "none.json"}]', "profile can't be read"),
    ],
)
def test_issuers_that_can_not_be_used_are_status_2(
    cps: Cps, subgraphs: Path, tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "issuers.json").write_text(content)
    status, _, err = cps(
        "serve", "--subgraphs", subgraphs, "--issuer", "https://idp.example", "--issuers", tmp_path / "issuers.json",
        "--data", tmp_path / "data", "--no-audit",
    )  # fmt: skip
    assert status == 2
    assert says in err


def test_several_issuers_are_taken(cps: Cps, started: Started, subgraphs: Path, tmp_path: Path) -> None:
    (tmp_path / "issuers.json").write_text(
        '[{"issuer": "https://other.example", "audience": "elsewhere", "agencies": ["380"]}]'
    )
    status, _, err = cps(
        "serve", "--subgraphs", subgraphs, "--issuer", "https://idp.example", "--issuers", tmp_path / "issuers.json",
        "--data", tmp_path / "data", "--no-audit",
    )  # fmt: skip
    assert (status, len(started)) == (0, 1), err
