"""Signing in and out through the development issuer: what the browser gets, and what it can't do."""

import base64
import json
import re

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import Scope

from gateway.console import ConsoleConfig, SignIn, routes
from gateway.console.provider import METADATA_SECONDS
from gateway.console.sign_in import ABSOLUTE_SECONDS, IDLE_SECONDS, SIGN_IN_SECONDS
from tests.console.browser import World, bearer, changed, choose, sign_in, start

COOKIE = "cps-console"


@pytest.fixture
def world() -> World:
    return World()


async def test_a_round_trip_signs_in_and_the_edge_sees_the_person(world: World) -> None:
    async with world.browser() as browser:
        signed_out = (await browser.get("/console")).text
        assert 'href="/auth/login"' in signed_out
        assert "graphiql" not in signed_out

        url = await start(browser)
        asked = dict(httpx.QueryParams(httpx.URL(url).query))
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == "http://127.0.0.1:4000/auth/callback"
        assert {"state", "nonce", "code_challenge"} <= asked.keys()
        done = await browser.get(await choose(browser, url))
        assert (done.status_code, done.headers["location"]) == (303, "/console")

        page = (await browser.get("/console")).text
        assert "<strong>Amina &lt;Hussain&gt;</strong>" in page
        assert "social worker, agency 380" in page

        token = await bearer(browser)
        assert token is not None
        keys = KeySet.import_key_set((await browser.get(f"{world.settings.issuer}/jwks")).json())
        claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
        assert (claims["sub"], claims["agency"], claims["scope"]) == ("amina", "380", "openid profile cps.read")


async def test_a_client_with_a_secret_signs_in() -> None:
    async with World(secret="s3cret").browser() as browser:
        assert (await sign_in(browser)).status_code == 303
        assert await bearer(browser) is not None


async def test_no_token_reaches_the_browser(world: World) -> None:
    async with world.browser() as browser:
        answers = [await sign_in(browser), await browser.get("/console")]
        token = await bearer(browser)
        assert token is not None
        for answer in answers:
            seen = answer.text + str(answer.headers.raw)
            assert token not in seen
            assert "eyJ" not in seen  # a JWT begins so


@pytest.mark.parametrize(
    ("base_url", "prefix", "secure"),
    [("http://127.0.0.1:4000", "", False), ("https://gateway.example", "__Host-", True)],
)
async def test_the_cookies_are_opaque_and_bound(base_url: str, prefix: str, secure: bool) -> None:
    async with World(base_url).browser() as browser:
        answer = await sign_in(browser)
        session, started = answer.headers.get_list("set-cookie")
        assert re.match(rf"{prefix}cps-console=[\w-]{{43}};", session)
        parts = {part.strip().lower() for part in session.split(";")[1:]}
        assert parts == {"httponly", "path=/", "samesite=lax", f"max-age={ABSOLUTE_SECONDS}"} | (
            {"secure"} if secure else set()
        )
        assert started.startswith(f'{prefix}cps-sign-in="";')
        assert "Max-Age=0" in started
        assert await bearer(browser) is not None


async def test_a_session_id_from_before_is_never_adopted(world: World) -> None:
    async with world.browser() as browser, world.browser() as attacker:
        planted = "A" * 43
        browser.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/")
        assert await bearer(browser) is None
        browser.cookies.clear()
        await sign_in(browser)
        first = browser.cookies[COOKIE]
        assert first != planted
        await sign_in(browser, "peter")
        assert browser.cookies[COOKIE] != first
        for stale in (planted, first):
            attacker.cookies.set(COOKIE, stale, domain="127.0.0.1", path="/")
            assert await bearer(attacker) is None
            attacker.cookies.clear()


@pytest.mark.parametrize("headers", [{}, {"cps-console": "0"}, {"cps-console": "true"}, {"cps-console": ""}])
async def test_the_cookie_alone_is_not_enough(world: World, headers: dict[str, str]) -> None:
    async with world.browser() as browser:
        await sign_in(browser)
        assert (await browser.post("/graphql", headers=headers)).json() == {"bearer": None}
        assert await bearer(browser) is not None


async def test_the_header_alone_is_not_enough(world: World) -> None:
    async with world.browser() as browser:
        assert await bearer(browser) is None


async def test_bearer_from_session_reads_plain_scopes(world: World) -> None:
    async with world.browser() as browser:
        await sign_in(browser)
        pair = f"{COOKIE}={browser.cookies[COOKIE]}".encode()
    marked = (b"cps-console", b"1")

    async def found(*headers: tuple[bytes, bytes]) -> str | None:
        scope: Scope = {"type": "http", "headers": list(headers)}
        return await world.sign_in.bearer_from_session(scope)

    assert await found(marked, (b"cookie", b"a=b; " + pair + b";c=d")) is not None
    assert await found(marked, (b"cookie", pair), (b"cookie", b"a=b")) is not None
    assert await found(marked, marked, (b"cookie", pair)) is None
    assert await found(marked, (b"cookie", b"x" + pair)) is None
    assert await found(marked, (b"cookie", pair + b"; " + pair)) is None
    assert await found(marked, (b"cookie", pair), (b"cookie", b"cps-console=other")) is None


async def test_signing_out_ends_the_session_and_takes_a_post(world: World) -> None:
    async with world.browser() as browser:
        await sign_in(browser)
        key = browser.cookies[COOKIE]
        assert (await browser.get("/auth/logout")).status_code == 405
        assert await bearer(browser) is not None
        answer = await browser.post("/auth/logout")
        assert (answer.status_code, answer.headers["location"]) == (303, "/console")
        assert COOKIE not in browser.cookies
        browser.cookies.set(COOKIE, key, domain="127.0.0.1", path="/")
        assert await bearer(browser) is None


async def test_signing_out_goes_on_to_the_provider_without_a_token(world: World) -> None:
    world.metadata = {"end_session_endpoint": f"{world.settings.issuer}/logout"}
    async with world.browser() as browser:
        await sign_in(browser)
        location = (await browser.post("/auth/logout")).headers["location"]
        assert location == (
            "http://127.0.0.1:9000/logout?client_id=console"
            "&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A4000%2Fconsole"
        )


async def test_a_session_ends_when_idle_and_with_its_token(world: World) -> None:
    async with world.browser() as browser:
        await sign_in(browser)
        world.clock.now += IDLE_SECONDS - 1
        assert await bearer(browser) is not None
        world.clock.now += IDLE_SECONDS - 1
        assert await bearer(browser) is not None
        world.clock.now += 2  # 3600 s in all: the token's life, with no idle time between
        assert await bearer(browser) is None
        await sign_in(browser)
        world.clock.now += IDLE_SECONDS
        assert await bearer(browser) is None


def _login_request() -> Request:
    return Request({"type": "http", "method": "GET", "path": "/auth/login", "headers": [], "query_string": b""})


async def test_strangers_who_start_sign_ins_push_nobody_out(world: World) -> None:
    async with world.browser() as browser, world.browser() as stranger:
        await sign_in(browser)
        world.sign_in._started._entries = 20  # as many as are taken would take a while
        for _ in range(21):
            await world.sign_in.login(_login_request())
        assert world.sign_in._started.count() == 20
        assert await bearer(browser) is not None
        assert (await sign_in(stranger)).status_code == 303


async def test_a_sign_in_begun_at_one_worker_ends_at_another(world: World) -> None:
    other = World()
    other.issuer, other.settings = world.issuer, world.settings
    other.sign_in = SignIn(other.config, world.where, transport=other.provider, clock=world.clock)
    elsewhere = Starlette(routes=routes(other.sign_in))
    async with world.browser() as browser:
        callback = await choose(browser, await start(browser))
        mounted = httpx.ASGITransport(elsewhere)
        async with httpx.AsyncClient(transport=mounted, base_url=world.config.base_url) as second:
            second.cookies = browser.cookies
            assert (await second.get(callback)).status_code == 303
            browser.cookies = second.cookies
        assert await bearer(browser) is not None


async def test_without_its_database_nobody_is_signed_in_and_that_is_said(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.browser() as browser:
        await sign_in(browser)
        callback = await choose(browser, await start(browser))
        world.where.unlink()
        world.where.mkdir()
        assert await bearer(browser) is None
        for answer in (
            await browser.get("/auth/login"),
            await browser.get(callback),
            await browser.post("/auth/logout"),
        ):
            assert answer.status_code == 503
            assert "can&#39;t keep sessions" in answer.text
    assert "sessions can't be kept" in caplog.text


async def test_a_callback_works_once_and_in_the_browser_that_started_it(world: World) -> None:
    async with world.browser() as browser, world.browser() as other:
        callback = await choose(browser, await start(browser))
        refused = await other.get(callback)
        assert refused.status_code == 400
        assert "set-cookie" not in refused.headers
        await start(other)
        assert (await other.get(callback)).status_code == 400
        assert await bearer(other) is None
        assert (await browser.get(callback)).status_code == 303
        assert (await browser.get(callback)).status_code == 400


async def test_a_sign_in_that_takes_too_long_starts_again(world: World) -> None:
    async with world.browser() as browser:
        callback = await choose(browser, await start(browser))
        world.clock.now += SIGN_IN_SECONDS
        assert (await browser.get(callback)).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"state": "other"},
        {"state": ""},
        {"code": "other"},
        {"code": ""},
        {"iss": "https://mixed.example"},
        {"error": "access_denied"},
    ],
)
async def test_a_wrong_answer_signs_nobody_in(world: World, change: dict[str, str]) -> None:
    async with world.browser() as browser:
        callback = await choose(browser, await start(browser))
        answer = await browser.get(changed(callback, lambda values: values.update(change)))
        assert answer.status_code == 400
        assert "refused" in answer.text
        assert await bearer(browser) is None


async def test_a_wrong_answer_uses_the_sign_in_up(world: World) -> None:
    async with world.browser() as browser:
        callback = await choose(browser, await start(browser))
        await browser.get(changed(callback, lambda values: values.update(error="access_denied")))
        assert (await browser.get(callback)).status_code == 400


async def test_an_id_token_for_another_nonce_is_refused(world: World) -> None:
    async with world.browser() as browser:
        url = changed(await start(browser), lambda values: values.update(nonce="replayed"))
        assert (await browser.get(await choose(browser, url))).status_code == 400
        assert await bearer(browser) is None


async def test_user_info_of_another_person_is_refused(world: World) -> None:
    world.userinfo = {"sub": "peter"}
    async with world.browser() as browser:
        assert (await sign_in(browser)).status_code == 400


async def test_an_issuer_that_is_down_is_said_plainly_and_tried_again(world: World) -> None:
    async with world.browser() as browser:
        world.down = True
        answer = await browser.get("/auth/login")
        assert answer.status_code == 503
        assert "The identity provider isn&#39;t answering" in answer.text
        assert (await browser.get("/console")).status_code == 200
        world.down = False
        callback = await choose(browser, await start(browser))
        world.down = True
        assert (await browser.get(callback)).status_code == 503
        world.down = False
        assert (await sign_in(browser)).status_code == 303


@pytest.mark.parametrize(
    "metadata",
    [{"issuer": "https://other.example"}, {"token_endpoint": None}, {"jwks_uri": 7}],
)
async def test_metadata_that_is_not_the_provider_s_is_refused(world: World, metadata: dict[str, object]) -> None:
    world.metadata = metadata
    async with world.browser() as browser:
        assert (await browser.get("/auth/login")).status_code == 503


async def test_metadata_sets_no_option_of_the_client_and_no_weak_algorithm(world: World) -> None:
    world.metadata = {"verify": False, "client_id": "other", "id_token_signing_alg_values_supported": ["none", "HS256"]}
    async with world.browser() as browser:
        url = await start(browser)
        assert httpx.URL(url).params["client_id"] == "console"
        # Only RS256 is left to hope for, and the issuer signs with ES256.
        assert (await browser.get(await choose(browser, url))).status_code == 400


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
async def test_an_id_token_without_the_provider_s_signature_is_refused(world: World, algorithm: str) -> None:
    def part(values: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(values).encode()).rstrip(b"=").decode()

    def forged(found: dict[str, object]) -> dict[str, object]:
        header, claims, _ = str(found["id_token"]).split(".")
        kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
        return found | {"id_token": f"{part({'alg': algorithm, 'kid': kid})}.{claims}."}

    world.metadata = {"id_token_signing_alg_values_supported": [algorithm, "ES256"]}
    async with world.browser() as browser:
        assert (await sign_in(browser)).status_code == 303
        await browser.post("/auth/logout")
        world.token = forged
        assert (await sign_in(browser)).status_code == 400
        assert await bearer(browser) is None


async def test_a_token_response_without_an_id_token_signs_nobody_in(world: World) -> None:
    world.token = lambda found: {name: value for name, value in found.items() if name != "id_token"}
    async with world.browser() as browser:
        assert (await sign_in(browser)).status_code == 400


async def test_sign_in_survives_a_rotation_of_keys_and_rediscovery(world: World) -> None:
    async with world.browser() as browser:
        await sign_in(browser)
        await browser.post(f"{world.settings.issuer}/rotate")
        assert (await sign_in(browser)).status_code == 303
        world.clock.now += METADATA_SECONDS + 1
        assert (await sign_in(browser)).status_code == 303


@pytest.mark.parametrize("base_url", ["http://localhost:4000", "http://[::1]:4000", "https://gateway.example"])
def test_on_this_machine_it_may_be_in_the_clear(base_url: str) -> None:
    config = ConsoleConfig("https://issuer.example", "console", None, base_url, "openid", "")
    assert config.redirect_uri == f"{base_url}/auth/callback"


@pytest.mark.parametrize(
    ("base_url", "scope"),
    [
        ("http://gateway.example", "openid"),
        ("https://gateway.example/", "openid"),
        ("https://gateway.example/console", "openid"),
        ("ftp://gateway.example", "openid"),
        ("gateway.example", "openid"),
        ("https://gateway.example", "profile"),
    ],
)
def test_an_unsafe_configuration_is_refused(base_url: str, scope: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        ConsoleConfig("https://issuer.example", "console", None, base_url, scope, "")


def test_the_secret_is_not_printed() -> None:
    config = ConsoleConfig("https://issuer.example", "console", "s3cret", "https://gateway.example", "openid", "")
    assert "s3cret" not in repr(config)
