"""The demonstration's network: an issuer, the index, five agencies and the gateway, each a process on loopback."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

import httpx

from authz.assertion import load_key, public_keys
from gateway.cli.demo.people import CLIENT, PRACTITIONERS, QUERY, Practitioner
from gateway.cli.demo.processes import Processes, choose_port
from gateway.cli.serve import ASSERTION_KEY
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


class Member(NamedTuple):
    """An example subgraph."""

    name: str
    port: int


MEMBERS: Final = (
    Member("index", 4101),
    Member("social_care", 4102),
    Member("police", 4103),
    Member("acute", 4104),
    Member("community", 4105),
    Member("education", 4106),
)
AGENCIES: Final = "agencies.json"
"""Of the population: the codes of the agencies whose records each subgraph gives; none are the index's."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where everything answers."""

    issuer: str
    gateway: str
    subgraphs: dict[str, str]


def start(processes: Processes, data: Path, deadline: float = 5.0, *, guarded: bool = True) -> Network:
    """Start every process over seeded databases and wait until each is healthy.

    `guarded`: the agencies answer this gateway only.
    """
    run = data / "run"
    run.mkdir(parents=True, exist_ok=True)
    issuer = f"http://127.0.0.1:{choose_port(4190)}"
    gateway = f"http://127.0.0.1:{choose_port(4000)}"
    _write(run / "people.json", [_person(p) for p in PRACTITIONERS])
    _write(run / "clients.json", [_client(gateway)])
    processes.start(
        "issuer", "authz.issuer", "--port", _port(issuer),
        "--people", str(run / "people.json"), "--clients", str(run / "clients.json"),
    )  # fmt: skip
    subgraphs = {member.name: f"http://127.0.0.1:{choose_port(member.port)}" for member in MEMBERS}
    keys = run / "gateway-keys.json"
    _write(keys, public_keys(load_key(data / ASSERTION_KEY, make=True)))
    codes = json.loads((data / AGENCIES).read_text(encoding="utf-8"))
    for member in MEMBERS:
        processes.start(
            member.name, f"subgraphs.{member.name}", "--port", _port(subgraphs[member.name]),
            "--database", f"sqlite+aiosqlite:///{data / f'{member.name}.sqlite'}",
            "--sql-log", str(run / f"{member.name}.sql.log"),
            *(("--keys", str(keys)) if guarded else ("--insecure-no-guard",)),
            *(("--agency", codes[member.name][0]) if len(codes.get(member.name, ())) == 1 else ()),
            *(("--receipts", str(run / f"{member.name}.receipts.sqlite")) if guarded else ()),
        )  # fmt: skip
    processes.wait_until_healthy([(name, f"{url}/health") for name, url in subgraphs.items()])
    processes.wait_until_healthy([("issuer", f"{issuer}/.well-known/openid-configuration")])
    _write(
        run / "subgraphs.json",
        [{"name": m.name, "url": f"{subgraphs[m.name]}/graphql", "agencies": codes.get(m.name)} for m in MEMBERS],
    )
    (run / "query.graphql").write_text(QUERY, encoding="utf-8")
    processes.start(
        "gateway", "gateway", "serve", "--subgraphs", str(run / "subgraphs.json"), "--port", _port(gateway),
        "--issuer", issuer, "--data", str(data), "--deadline", str(deadline), "--accept-sdls",
        "--console-client", CLIENT, "--console-query", str(run / "query.graphql"),
    )  # fmt: skip
    processes.wait_until_healthy([("gateway", f"{gateway}/health")])
    return Network(issuer, gateway, subgraphs)


def sign_in(network: Network, practitioner: Practitioner) -> str:
    """An access token by the authorization code flow with PKCE, as a browser would get it."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    redirect = _redirect(network.gateway)
    asked = {
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": redirect,
        "scope": "openid cps.read",
        "state": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with httpx.Client(timeout=5.0) as client:
        chosen = client.post(f"{network.issuer}/authorize", data={**asked, "sub": practitioner.subject})
        answer = parse_qs(urlsplit(chosen.headers.get("location", "")).query)
        if answer.get("state") != [asked["state"]] or "code" not in answer:
            raise ConfigError(f"the issuer did not sign `{practitioner.subject}` in")
        exchanged = client.post(
            f"{network.issuer}/token",
            data={
                "grant_type": "authorization_code",
                "client_id": CLIENT,
                "code": answer["code"][0],
                "redirect_uri": redirect,
                "code_verifier": verifier,
            },
        )
    token = exchanged.json().get("access_token")
    if not isinstance(token, str):
        raise ConfigError(f"the issuer gave `{practitioner.subject}` no token")
    return token


def sign_in_link(network: Network) -> str:
    """Where a person signs in with a browser."""
    return f"{network.gateway}/auth/login"


def _person(practitioner: Practitioner) -> dict[str, object]:
    return {
        "sub": practitioner.subject,
        "name": practitioner.name,
        "roles": [practitioner.role],
        "agency": practitioner.agency,
        "team": practitioner.team,
        "registration": practitioner.registration or None,
        "family_name": practitioner.name.split()[-1],
        "scope": "cps.read",
    }


def _client(gateway: str) -> dict[str, object]:
    return {"client_id": CLIENT, "redirect_uris": [_redirect(gateway)], "scope": "cps.read"}


def _redirect(gateway: str) -> str:
    return f"{gateway}/auth/callback"


def _port(url: str) -> str:
    return str(urlsplit(url).port)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
