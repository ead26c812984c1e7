"""A browser, a console and a development issuer in one process, for the console's tests."""

import html
import json
import re
import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from authz.issuer import Client, Person, Settings, create_app
from gateway.console import ConsoleConfig, SignIn, routes

AMINA = Person("amina", "Amina <Hussain>", ("social_worker",), "380", "East", ("cps.read",))
PETER = Person("peter", "Peter Oldroyd", ("police_public_protection",), "13", None, ("cps.read",))


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 5_000.0

    def __call__(self) -> float:
        return self.now


class World:
    """One console and its issuer.

    `down` cuts the issuer off; `metadata` and `userinfo` are laid over what it says; `token` forges its token response.
    """

    def __init__(self, base_url: str = "http://127.0.0.1:4000", secret: str | None = None) -> None:
        client = Client("console", secret, (f"{base_url}/auth/callback",), scope=("cps.read",))
        self.settings = Settings((AMINA, PETER), (client,), token_seconds=3600)
        self.issuer = create_app(self.settings)
        self.down = False
        self.metadata: dict[str, object] = {}
        self.userinfo: dict[str, object] = {}
        self.token: Callable[[dict[str, object]], dict[str, object]] | None = None
        self.clock = Clock()
        self.config = ConsoleConfig(
            issuer=self.settings.issuer,
            client_id="console",
            client_secret=secret,
            base_url=base_url,
            scope="openid profile cps.read",
            default_query='query { agencies { code } } # "><script>alert(1)</script>',
        )
        self.provider = httpx.ASGITransport(self._provider)
        folder = tempfile.mkdtemp()
        weakref.finalize(self, shutil.rmtree, folder)
        self.where = Path(folder) / "console.sqlite"
        self.sign_in = SignIn(self.config, self.where, transport=self.provider, clock=self.clock)
        self.app = Starlette(routes=[Route("/graphql", self._graphql, methods=["POST"]), *routes(self.sign_in)])

    def browser(self) -> httpx.AsyncClient:
        """A new browser; its cookies are its own."""
        mounts = {self.settings.issuer: self.provider}
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), mounts=mounts, base_url=self.config.base_url, trust_env=False
        )

    async def _graphql(self, request: Request) -> JSONResponse:
        """What the edge does with a cookie: answers the bearer that it stands for."""
        return JSONResponse({"bearer": await self.sign_in.bearer_from_session(request.scope)})

    async def _provider(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.down:
            raise httpx.ConnectError("refused")
        change = self._changes().get(scope["path"])
        if change is None:
            await self.issuer(scope, receive, send)
            return
        body = bytearray()

        async def collect(message: Message) -> None:
            body.extend(message.get("body", b""))

        await self.issuer(scope, receive, collect)
        await JSONResponse(change(json.loads(body)))(scope, receive, send)

    def _changes(self) -> dict[str, Callable[[dict[str, object]], dict[str, object]]]:
        changes: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {}
        if self.metadata:
            changes["/.well-known/openid-configuration"] = lambda found: found | self.metadata
        if self.userinfo:
            changes["/userinfo"] = lambda found: found | self.userinfo
        if self.token is not None:
            changes["/token"] = self.token
        return changes


async def start(browser: httpx.AsyncClient) -> str:
    """Starts a sign-in; the provider's address that the console sends the browser to."""
    response = await browser.get("/auth/login")
    assert response.status_code == 302, response.text
    return response.headers["location"]


async def choose(browser: httpx.AsyncClient, url: str, sub: str = "amina") -> str:
    """Chooses a person on the issuer's page; the address of the callback, with the code."""
    page = await browser.get(url)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    form = {name: html.unescape(value) for name, value in fields}
    action = urlsplit(url)._replace(query="").geturl()
    response = await browser.post(action, data=form | {"sub": sub})
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def sign_in(browser: httpx.AsyncClient, sub: str = "amina") -> httpx.Response:
    """Signs in; the callback's answer."""
    return await browser.get(await choose(browser, await start(browser), sub))


async def bearer(browser: httpx.AsyncClient, mark: str = "1") -> str | None:
    """The bearer that the edge sees in a request of the console."""
    response = await browser.post("/graphql", headers={"cps-console": mark})
    found = response.json()["bearer"]
    assert found is None or isinstance(found, str)
    return found


def changed(url: str, change: Callable[[dict[str, str]], None]) -> str:
    """The address with its query changed."""
    parts = urlsplit(url)
    values = dict(parse_qsl(parts.query))
    change(values)
    return parts._replace(query=urlencode(values)).geturl()
