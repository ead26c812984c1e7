"""Sign-in by a certified OpenID provider (npm `oidc-provider`): authorization code with PKCE, ES256 access tokens."""

from __future__ import annotations

import base64
import os
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from authz.oidc import Issuer, Provider, Verifier
from gateway.cli.demo.processes import choose_port
from gateway.edge import GraphQLEndpoint
from tests.access.partnership import Partnership, Person, value

SOURCE = Path(__file__).with_name("oidc")
CALLBACK = "https://console.example/callback"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider's address; skips where Node is absent, or its package can't be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node is absent: the certified provider is an npm package")
    folder = tmp_path_factory.mktemp("oidc")
    for name in ("package.json", "provider.mjs"):
        shutil.copy(SOURCE / name, folder)
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder, capture_output=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if installed.returncode:
        pytest.skip("npm can't install `oidc-provider`: is there no registry?")
    port = choose_port(0)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [node, "provider.mjs", str(port)], cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={**os.environ, "NODE_ENV": "test"},
        )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/.well-known/openid-configuration", process)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            if httpx.get(url, timeout=1.0).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert process.poll() is None, "the provider ended at its start"
        time.sleep(0.05)
    raise AssertionError("the provider does not answer")


def sign_in(issuer: str, person: str) -> str:
    """An access token, as a browser at the console would get it: log in, consent, exchange the code."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    state = secrets.token_urlsafe(16)
    asked = {
        "client_id": "console", "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid cps.read",
        "code_challenge": challenge, "code_challenge_method": "S256", "state": state,
    }  # fmt: skip
    with httpx.Client(timeout=10.0) as browser:
        answer = browser.get(f"{issuer}/auth", params=asked)
        for _ in range(10):
            if answer.status_code in (302, 303):
                to = urljoin(str(answer.request.url), answer.headers["location"])
                if to.startswith(CALLBACK):
                    break
                answer = browser.get(to)
            else:
                action = re.findall(r'action="([^"]+)"', answer.text)[0]
                prompt = re.findall(r'name="prompt" value="(\w+)"', answer.text)[0]
                form = {"prompt": prompt, "login": person, "password": "x"}
                answer = browser.post(urljoin(str(answer.request.url), action), data=form)
        found = parse_qs(urlsplit(to).query)
        assert found["state"] == [state]
        exchanged = browser.post(
            f"{issuer}/token",
            data={
                "grant_type": "authorization_code", "client_id": "console", "code": found["code"][0],
                "redirect_uri": CALLBACK, "code_verifier": verifier,
            },
        )  # fmt: skip
    return str(exchanged.json()["access_token"])


async def ask(issuer: str, token: str, audience: str = "cps") -> httpx.Response:
    """One query of a gateway that takes this issuer's tokens."""
    network = Partnership.of(Person("a", held={"CARE": ("380",)}))
    async with httpx.AsyncClient() as client:
        verifier = Verifier({issuer: Issuer(Provider(issuer, client), audience)})
        endpoint = GraphQLEndpoint(lambda: network.pipeline, verifier, None, 100_000)
        transport = httpx.ASGITransport(app=endpoint)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as gateway:
            return await gateway.post(
                "/graphql",
                json={"query": '{ child(id: "a") { forename care { leadWorker } } }'},
                headers={"authorization": f"Bearer {token}", "cps-purpose": "S47"},
            )


async def test_a_token_of_a_certified_provider_signs_in(issuer: str) -> None:
    answer = await ask(issuer, sign_in(issuer, "worker-1"))
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["child"] == {
        "forename": value("forename", "a"),
        "care": [{"leadWorker": value("leadWorker", "a", "380")}],
    }


async def test_it_is_refused_for_another_audience_and_where_it_was_altered(issuer: str) -> None:
    token = sign_in(issuer, "worker-1")
    assert (await ask(issuer, token, audience="another")).status_code == 401
    head, body, signature = token.split(".")
    for altered in (f"{head}.{body}.{signature[::-1]}", f"{head}.{body[:-4]}AAAA.{signature}", f"{head}.{body}."):
        assert (await ask(issuer, altered)).status_code == 401
