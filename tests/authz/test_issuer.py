"""The development issuer, over HTTP in process: sign-in with PKCE, client credentials, keys, refusals."""

import base64
import hashlib
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from authz.issuer import Client, Person, Settings, create_app
from authz.issuer.authorize import LONGEST_PARAMETER
from authz.issuer.codes import CODE_SECONDS, OUTSTANDING_CODES, Codes, Grant
from authz.issuer.errors import FileError, NotLoopbackError, SettingsError
from authz.issuer.keys import PUBLISHED_KEYS
from authz.issuer.people import load_clients, load_people

AMINA = Person("amina", "Amina <Hussain>", ("social_worker",), "380", "East & West", ("cps.read",))
NO_SCOPE = Person("jo", "Jo Kaur", (), "990001", None, ())
CALLBACK = "http://127.0.0.1:4000/auth/callback"
PUBLIC = Client("console", None, (CALLBACK,), scope=("cps.read",))
BATCH = Client("batch", "it's a: s3cret+%", (CALLBACK,), ("administrator",), "380", ("cps.read", "cps.write"))
SETTINGS = Settings((AMINA, NO_SCOPE), (PUBLIC, BATCH), token_seconds=600)
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def http(clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(SETTINGS, clock))
    async with httpx.AsyncClient(transport=transport, base_url=SETTINGS.issuer) as client:
        yield client


def asked(**changes: str) -> dict[str, str]:
    """The parameters of a right authorization request, with changes; an empty value leaves one out."""
    parameters = {
        "client_id": "console",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile cps.read",
        "state": "st&te",
        "nonce": "n0nce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (parameters | changes).items() if value}


def answered(response: httpx.Response) -> dict[str, str]:
    """The parameters that a redirect takes back to the client."""
    assert response.status_code == 303
    location = response.headers["location"]
    assert location.startswith(CALLBACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def code_for(http: httpx.AsyncClient, sub: str = "amina", **changes: str) -> str:
    return answered(await http.post("/authorize", data=asked(**changes) | {"sub": sub}))["code"]


def exchange(code: str, **changes: str) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "console",
        "code_verifier": VERIFIER,
    }
    return {name: value for name, value in (form | changes).items() if value}


async def claims(http: httpx.AsyncClient, token: str) -> tuple[dict[str, object], dict[str, object]]:
    keys = KeySet.import_key_set((await http.get("/jwks")).json())
    decoded = jwt.decode(token, keys, algorithms=["ES256"])
    return dict(decoded.header), dict(decoded.claims)


async def test_discovery_names_the_endpoints(http: httpx.AsyncClient) -> None:
    metadata = (await http.get("/.well-known/openid-configuration")).json()
    assert metadata["issuer"] == "http://127.0.0.1:9000"
    assert metadata["code_challenge_methods_supported"] == ["S256"]
    assert metadata["response_types_supported"] == ["code"]
    assert metadata["scopes_supported"] == ["openid", "profile", "cps.read", "cps.write"]
    assert metadata["authorization_endpoint"] == "http://127.0.0.1:9000/authorize"
    assert metadata["token_endpoint"] == "http://127.0.0.1:9000/token"
    assert metadata["userinfo_endpoint"] == "http://127.0.0.1:9000/userinfo"
    assert metadata["jwks_uri"] == "http://127.0.0.1:9000/jwks"
    assert metadata["response_modes_supported"] == ["query"]
    assert metadata["grant_types_supported"] == ["authorization_code", "client_credentials"]
    assert metadata["subject_types_supported"] == ["public"]
    assert metadata["id_token_signing_alg_values_supported"] == ["ES256"]
    assert metadata["token_endpoint_auth_methods_supported"] == ["none", "client_secret_basic", "client_secret_post"]
    assert metadata["claims_supported"] == ["sub", "name", "roles", "agency", "team", "registration"]
    assert metadata["authorization_response_iss_parameter_supported"] is True


async def test_sign_in_gives_an_access_token_and_an_id_token(http: httpx.AsyncClient, clock: Clock) -> None:
    answer = answered(await http.post("/authorize", data=asked() | {"sub": "amina"}))
    assert answer["state"] == "st&te"
    assert answer["iss"] == SETTINGS.issuer
    response = await http.post("/token", data=exchange(answer["code"]))
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "openid profile cps.read")

    header, access = await claims(http, body["access_token"])
    assert header["typ"] == "at+jwt"
    assert re.fullmatch(r"[\w-]{22}", str(access.pop("jti")))
    now = int(clock.now)
    assert access == {
        "iss": SETTINGS.issuer,
        "sub": "amina",
        "aud": "cps",
        "client_id": "console",
        "iat": now,
        "exp": now + 600,
        "scope": "openid profile cps.read",
        "roles": ["social_worker"],
        "agency": "380",
        "team": "East & West",
    }
    header, identity = await claims(http, body["id_token"])
    assert header["typ"] == "JWT"
    expected = {"sub": "amina", "aud": "console", "nonce": "n0nce", "name": "Amina <Hussain>"}
    assert identity == {"iss": SETTINGS.issuer, "iat": now, "exp": now + 600, **expected}


async def test_the_page_lists_people_escapes_them_and_lets_only_the_client_receive_the_answer(
    http: httpx.AsyncClient,
) -> None:
    response = await http.get("/authorize", params=asked())
    assert response.status_code == 200
    assert "Amina &lt;Hussain&gt;" in response.text
    assert "social worker, agency 380, East &amp; West" in response.text
    assert 'name="state" value="st&amp;te"' in response.text
    assert "<Hussain>" not in response.text
    assert "<script" not in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:4000;" in policy
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "cps.write"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"response_mode": "fragment"}, "invalid_request"),
    ],
)
async def test_a_wrong_request_is_answered_at_the_client(
    http: httpx.AsyncClient, changes: dict[str, str], error: str
) -> None:
    for response in (
        await http.get("/authorize", params=asked(**changes)),
        await http.post("/authorize", data=asked(**changes) | {"sub": "amina"}),
    ):
        answer = answered(response)
        assert (answer["error"], answer["state"]) == (error, "st&te")
        assert "code" not in answer


async def test_choosing_nobody_is_denied(http: httpx.AsyncClient) -> None:
    answer = answered(await http.post("/authorize", data=asked() | {"sub": "stranger"}))
    assert answer["error"] == "access_denied"


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"client_id": ""},
        {"redirect_uri": ""},
        {"redirect_uri": CALLBACK + "/"},
        {"redirect_uri": CALLBACK + "?x=1"},
        {"redirect_uri": "http://127.0.0.1:4001/auth/callback"},
        {"state": "s" * (LONGEST_PARAMETER + 1)},
    ],
)
async def test_an_untrusted_request_is_never_redirected(http: httpx.AsyncClient, changes: dict[str, str]) -> None:
    response = await http.get("/authorize", params=asked(**changes))
    assert response.status_code == 400
    assert "location" not in response.headers


async def test_the_longest_parameter_is_taken(http: httpx.AsyncClient) -> None:
    state = "s" * LONGEST_PARAMETER
    answer = answered(await http.post("/authorize", data=asked(state=state) | {"sub": "amina"}))
    assert answer["state"] == state


async def test_a_repeated_parameter_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.get("/authorize?" + urlencode(asked()) + "&redirect_uri=http://127.0.0.1:1/")
    assert response.status_code == 400
    body = urlencode(exchange("code")) + "&code=other"
    form = {"content-type": "application/x-www-form-urlencoded"}
    response = await http.post("/token", content=body, headers=form)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_a_large_body_is_refused(http: httpx.AsyncClient) -> None:
    response = await http.post("/token", data=exchange("c" * 20_000))
    assert response.status_code == 413


async def test_a_code_is_used_up_by_the_first_who_presents_it(http: httpx.AsyncClient) -> None:
    code = await code_for(http)
    assert (await http.post("/token", data=exchange(code))).status_code == 200
    again = await http.post("/token", data=exchange(code))
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


async def test_a_code_expires(http: httpx.AsyncClient, clock: Clock) -> None:
    code = await code_for(http)
    clock.now += CODE_SECONDS
    assert (await http.post("/token", data=exchange(code))).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [{"code_verifier": "w" * 64}, {"code_verifier": ""}, {"redirect_uri": CALLBACK + "/"}, {"redirect_uri": ""}],
)
async def test_a_code_needs_its_verifier_and_its_address_and_is_spent_by_a_wrong_try(
    http: httpx.AsyncClient, changes: dict[str, str]
) -> None:
    code = await code_for(http)
    assert (await http.post("/token", data=exchange(code, **changes))).json()["error"] == "invalid_grant"
    assert (await http.post("/token", data=exchange(code))).json()["error"] == "invalid_grant"


async def test_a_code_is_its_client_s(http: httpx.AsyncClient) -> None:
    code = await code_for(http)
    form = exchange(code, client_id="batch", client_secret=BATCH.client_secret or "")
    assert (await http.post("/token", data=form)).json()["error"] == "invalid_grant"


async def test_a_person_gets_no_more_scope_than_theirs(http: httpx.AsyncClient) -> None:
    body = (await http.post("/token", data=exchange(await code_for(http, sub="jo")))).json()
    assert body["scope"] == "openid profile"
    _, access = await claims(http, body["access_token"])
    assert (access["scope"], access["roles"]) == ("openid profile", [])
    assert "team" not in access


async def test_without_openid_there_is_no_id_token(http: httpx.AsyncClient) -> None:
    body = (await http.post("/token", data=exchange(await code_for(http, scope="cps.read")))).json()
    assert "id_token" not in body
    headers = {"authorization": f"Bearer {body['access_token']}"}
    assert (await http.get("/userinfo", headers=headers)).status_code == 403


async def test_client_credentials_by_basic_and_by_post(http: httpx.AsyncClient) -> None:
    form = {"grant_type": "client_credentials", "scope": "cps.read"}
    basic = await http.post("/token", data=form, auth=("batch", "it%27s+a%3A+s3cret%2B%25"))
    secret = {"client_id": "batch", "client_secret": BATCH.client_secret or ""}
    posted = await http.post("/token", data=form | secret)
    for response in (basic, posted):
        assert response.status_code == 200, response.text
        _, access = await claims(http, response.json()["access_token"])
        assert (access["sub"], access["client_id"], access["scope"]) == ("batch", "batch", "cps.read")
        assert (access["roles"], access["agency"]) == (["administrator"], "380")
        assert "id_token" not in response.json()


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "batch", "client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "batch"}, 401, "invalid_client"),
        ({"client_id": "stranger"}, 401, "invalid_client"),
        ({}, 401, "invalid_client"),
        ({"client_id": "console", "client_secret": "any"}, 401, "invalid_client"),
        ({"client_id": "console"}, 400, "unauthorized_client"),
        ({"client_id": "batch", "client_secret": "it's a: s3cret+%", "scope": "cps.admin"}, 400, "invalid_scope"),
        ({"client_id": "batch", "client_secret": "it's a: s3cret+%", "scope": "openid"}, 400, "invalid_scope"),
    ],
)
async def test_client_credentials_refused(
    http: httpx.AsyncClient, form: dict[str, str], status: int, error: str
) -> None:
    response = await http.post("/token", data={"grant_type": "client_credentials", **form})
    assert (response.status_code, response.json()["error"]) == (status, error)
    assert ("www-authenticate" in response.headers) == (status == 401)


@pytest.mark.parametrize("header", ["Basic !!", "Basic YmF0Y2g=", "Bearer YmF0Y2g6eA=="])
async def test_malformed_client_authentication(http: httpx.AsyncClient, header: str) -> None:
    form = {"grant_type": "client_credentials"}
    response = await http.post("/token", data=form, headers={"authorization": header})
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


async def test_other_grant_types_are_refused(http: httpx.AsyncClient) -> None:
    response = await http.post("/token", data={"grant_type": "password", "client_id": "console"})
    assert response.json()["error"] == "unsupported_grant_type"


async def test_userinfo_needs_a_living_access_token(http: httpx.AsyncClient, clock: Clock) -> None:
    body = (await http.post("/token", data=exchange(await code_for(http)))).json()
    headers = {"authorization": f"Bearer {body['access_token']}"}
    person = (await http.get("/userinfo", headers=headers)).json()
    assert person == {
        "sub": "amina",
        "name": "Amina <Hussain>",
        "roles": ["social_worker"],
        "agency": "380",
        "team": "East & West",
    }
    for bad in ("", "Bearer", "Bearer x.y.z", f"Bearer {body['id_token']}", f"Basic {body['access_token']}"):
        refused = await http.get("/userinfo", headers={"authorization": bad})
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")
    clock.now += 601
    assert (await http.get("/userinfo", headers=headers)).status_code == 401


async def test_userinfo_takes_no_id_token_even_where_the_audience_is_the_client() -> None:
    settings = Settings((AMINA,), (PUBLIC,), audience="console")
    transport = httpx.ASGITransport(create_app(settings))
    async with httpx.AsyncClient(transport=transport, base_url=settings.issuer) as http:
        body = (await http.post("/token", data=exchange(await code_for(http)))).json()
        for token, status in ((body["access_token"], 200), (body["id_token"], 401)):
            answer = await http.get("/userinfo", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == status


async def test_rotation_keeps_earlier_keys_published_and_bounded(http: httpx.AsyncClient) -> None:
    before = (await http.post("/token", data=exchange(await code_for(http)))).json()["access_token"]
    made = (await http.post("/rotate")).json()["kid"]
    after = (await http.post("/token", data=exchange(await code_for(http)))).json()["access_token"]
    published = (await http.get("/jwks")).json()["keys"]
    assert published[0]["kid"] == made
    assert all("d" not in key for key in published)
    old, _ = await claims(http, before)
    new, _ = await claims(http, after)
    assert (new["kid"], old["kid"]) == (made, published[1]["kid"])
    assert old["kid"] == KeySet.import_key_set({"keys": [published[1]]}).keys[0].thumbprint()
    for _ in range(PUBLISHED_KEYS):
        await http.post("/rotate")
    assert len((await http.get("/jwks")).json()["keys"]) == PUBLISHED_KEYS


@pytest.mark.parametrize(
    ("host", "client", "status"),
    [
        ("localhost:9000", "127.0.0.1", 200),
        ("[::1]:9000", "::1", 200),
        ("issuer.example:9000", "127.0.0.1", 403),
        ("127.0.0.1.example", "127.0.0.1", 403),
        ("127.0.0.1:9000", "192.0.2.7", 403),
    ],
)
async def test_only_loopback_is_answered(host: str, client: str, status: int) -> None:
    transport = httpx.ASGITransport(create_app(SETTINGS), client=(client, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=SETTINGS.issuer) as http:
        assert (await http.get("/jwks", headers={"host": host})).status_code == status


def test_codes_are_bounded() -> None:
    clock = Clock()
    codes = Codes(clock)
    grant = Grant("amina", "console", CALLBACK, CHALLENGE, (), None)
    issued = [codes.issue(grant) for _ in range(OUTSTANDING_CODES + 1)]
    assert codes.redeem(issued[0]) is None
    assert codes.redeem(issued[1]) == grant
    assert codes.redeem(issued[-1]) == grant


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.0.0.1.example.org"])  # noqa: S104
def test_settings_refuse_other_hosts(host: str) -> None:
    with pytest.raises(NotLoopbackError, match="only listens on loopback"):
        Settings((), (), host=host)


def test_settings_refuse_what_is_ambiguous() -> None:
    with pytest.raises(SettingsError, match="`sub`"):
        Settings((AMINA, AMINA), ())
    with pytest.raises(SettingsError, match="`client_id`"):
        Settings((), (PUBLIC, PUBLIC))
    with pytest.raises(SettingsError, match="token seconds"):
        Settings((), (), token_seconds=0)
    assert Settings((), (), host="::1", port=1).issuer == "http://[::1]:1"


def test_files_are_read_strictly(tmp_path: Path) -> None:
    file = tmp_path / "people.json"
    file.write_text('[{"sub": "a", "name": "A", "roles": ["x"], "agency": "380", "team": "t", "scope": "cps.read b"}]')
    assert load_people(file) == (Person("a", "A", ("x",), "380", "t", ("cps.read", "b")),)
    file.write_text('[{"client_id": "c", "client_secret": null, "redirect_uris": ["http://localhost/cb"]}]')
    assert load_clients(file) == (Client("c", None, ("http://localhost/cb",)),)
    whole = {"sub": "a", "name": "A", "roles": ["x"], "agency": "380", "registration": "C7", "family_name": "Ash"}
    file.write_bytes(orjson.dumps([whole]))
    assert load_people(file) == (Person("a", "A", ("x",), "380", registration="C7", family_name="Ash"),)
    batch = {"client_id": "c", "client_secret": "s", "roles": ["x"], "agency": "380", "scope": "cps.read b"}
    file.write_bytes(orjson.dumps([batch]))
    assert load_clients(file) == (Client("c", "s", (), ("x",), "380", ("cps.read", "b")),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "isn't JSON"),
        ("{}", "expected a list"),
        ("[1]", "entry 0: expected an object"),
        ('[{"client_id": "c", "redirect_uri": "http://localhost/"}]', "unknown member `redirect_uri`"),
        ('[{"client_id": "", "redirect_uris": []}]', "`client_id` must be"),
        ('[{"client_id": "c", "roles": "x"}]', "`roles` must be a list"),
        ('[{"client_id": "c", "client_secret": ""}]', "`client_secret` is empty"),
        ('[{"client_id": "c", "client_secret": 7}]', "`client_secret` must be a text"),
        ('[{"client_id": "c", "redirect_uris": ["/callback"]}]', "absolute"),
        ('[{"client_id": "c", "redirect_uris": ["http://localhost/#x"]}]', "fragment"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "clients.json"
    file.write_text(text)
    with pytest.raises(FileError, match=re.escape(message)):
        load_clients(file)
    with pytest.raises(FileError, match="can't be read"):
        load_clients(tmp_path / "missing.json")


def command(folder: Path, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment that start the issuer with empty files in this folder."""
    for name in ("people", "clients"):
        (folder / f"{name}.json").write_text("[]")
    files = ["--people", str(folder / "people.json"), "--clients", str(folder / "clients.json")]
    return [sys.executable, "-m", "authz.issuer", *files, *arguments], {"PYTHONPATH": str(Path(__file__).parents[2])}


def test_the_command_refuses_other_hosts_with_status_2(tmp_path: Path) -> None:
    line, environment = command(tmp_path, "--host", "0.0.0.0")  # noqa: S104
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "only listens on loopback" in done.stderr


def test_the_command_serves_once_it_says_so(tmp_path: Path) -> None:
    line, environment = command(tmp_path, "--port", "0")
    with subprocess.Popen(line, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            issuer = process.stdout.readline().strip().removeprefix("issuer ready at ")
            metadata = httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=10, trust_env=False).json()
            assert metadata["issuer"] == issuer
        finally:
            process.terminate()
