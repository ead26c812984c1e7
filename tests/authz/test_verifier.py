"""Tokens against the stub provider: each claim and header wrong in turn, forgeries, and the cache."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import warnings

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from authz.errors import ProviderError, TokenError
from authz.oidc import Issuer, Provider, Verifier, verifier
from authz.oidc.provider import MAX_AGE, MIN_REFRESH
from authz.oidc.verifier import KEPT_SECONDS, LEEWAY, MAX_TOKEN_BYTES
from authz.principal import Principal, Role
from tests.authz.stub import AUDIENCE, ISSUER, NOW, Clock, StubProvider, claims, ec, ed, public, rsa, sign, unsigned

EC, RSA = ec(), rsa()


@pytest.fixture
def provider() -> StubProvider:
    return StubProvider([public(EC), public(RSA)])


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def verify(provider: StubProvider, clock: Clock) -> Verifier:
    return provider.verifier(clock)


async def refused(verify: Verifier, token: str) -> str:
    """The refusal's message, which holds nothing of the token."""
    with pytest.raises(TokenError) as caught:  # noqa: PT011 - what it says is looked at
        await verify.verify(token)
    message = str(caught.value)
    assert not token or token not in message
    return message


async def test_a_good_token_is_its_principal(verify: Verifier) -> None:
    principal = await verify.verify(sign(EC, claims(team="north", roles=["social_worker", "wizard", "auditor"])))
    assert principal == Principal(
        subject="worker-7",
        issuer=ISSUER,
        client="console",
        roles=(Role.SOCIAL_WORKER, Role.AUDITOR),
        agency="380",
        team="north",
        scopes=frozenset(("openid", "cps.read")),
    )


async def test_a_token_that_is_too_large_is_refused_before_anything_is_read(verify: Verifier) -> None:
    assert MAX_TOKEN_BYTES == 8_192
    room = (MAX_TOKEN_BYTES - len(sign(EC, claims(pad="")))) * 3 // 4
    fits = sign(EC, claims(pad="x" * (room - 2)))
    assert MAX_TOKEN_BYTES - 8 <= len(fits) <= MAX_TOKEN_BYTES
    assert (await verify.verify(fits)).subject == "worker-7"
    over = sign(EC, claims(pad="x" * (room + 3)))
    assert len(over) > MAX_TOKEN_BYTES
    assert await refused(verify, over) == "the token is too large"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [("ES256", EC), ("RS256", RSA), ("PS256", RSA), ("Ed25519", ed()), ("EdDSA", ed())],
)
async def test_the_algorithms_that_are_taken(algorithm: str, key: Key) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # joserfc calls the name `EdDSA` deprecated (RFC 9864)
        token = sign(key, claims(), alg=algorithm)
        assert (await StubProvider([public(key)]).verifier().verify(token)).subject == "worker-7"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS512", RSA),
        ("PS384", RSA),
        ("ES384", ECKey.generate_key("P-384", {"use": "sig", "kid": "p384"})),
    ],
)
async def test_other_algorithms_are_refused_however_well_they_sign(algorithm: str, key: Key) -> None:
    verify = StubProvider([public(key)]).verifier()
    assert "algorithm" in await refused(verify, sign(key, claims(), alg=algorithm))


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "HS256", "HS512", "", None, 5, ["ES256"], "es256"])
async def test_algorithms_that_need_no_private_key_are_refused(verify: Verifier, algorithm: object) -> None:
    header = {"alg": algorithm, "typ": "at+jwt", "kid": EC.kid}
    assert "algorithm" in await refused(verify, unsigned(header, claims(), b""))


@pytest.mark.parametrize("form", ["pem", "der", "jwk", "n"])
async def test_the_public_key_is_no_secret_to_sign_with(verify: Verifier, form: str) -> None:
    """RFC 8725, section 2.1: RS256 turned into HS256 with the public key as the secret."""
    secret = {
        "pem": RSA.as_pem(private=False),
        "der": RSA.as_der(private=False),
        "jwk": json.dumps(public(RSA)).encode(),
        "n": str(public(RSA)["n"]).encode(),
    }[form]
    for stated in ("HS256", "RS256"):
        bare = unsigned({"alg": stated, "typ": "at+jwt", "kid": RSA.kid}, claims()).rpartition(".")[0]
        forged = unsigned({}, {}, hmac.new(secret, bare.encode(), hashlib.sha256).digest()).rpartition(".")[2]
        await refused(verify, f"{bare}.{forged}")


async def test_a_key_that_the_token_brings_along_is_not_used(verify: Verifier) -> None:
    own = ec("ec-1")
    await refused(verify, sign(own, claims(), jwk=public(own)))
    await refused(verify, sign(own, claims(), jku="https://evil.example/jwks"))
    await refused(verify, sign(own, claims(), x5u="https://evil.example/x5u"))


async def test_one_kinds_key_does_not_verify_anothers_algorithm(verify: Verifier) -> None:
    await refused(verify, sign(RSA, claims(), kid=EC.kid))
    await refused(verify, sign(EC, claims(), kid=RSA.kid))


async def test_a_key_serves_only_the_algorithm_that_it_states() -> None:
    key = RSAKey.generate_key(2048, {"use": "sig", "kid": "k", "alg": "PS256"})
    verify = StubProvider([public(key)]).verifier()
    assert (await verify.verify(sign(key, claims(), alg="PS256"))).subject
    other = RSAKey.import_key({**key.as_dict(private=True), "alg": "RS256"})
    await refused(verify, sign(other, claims(), alg="RS256"))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": [ISSUER]}, "issuer"),
        ({"iss": ...}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "another"}, "audience"),
        ({"aud": ["another", "cpss"]}, "audience"),
        ({"aud": AUDIENCE + " "}, "audience"),
        ({"aud": {AUDIENCE: 1}}, "audience"),
        ({"aud": [[AUDIENCE]]}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": ...}, "audience"),
        ({"exp": NOW - LEEWAY}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": -1}, "expired"),
        ({"exp": ...}, "expires"),
        ({"exp": None}, "expires"),
        ({"exp": str(NOW + 60)}, "expires"),
        ({"exp": True}, "expires"),
        ({"exp": [NOW + 60]}, "expires"),
        ({"nbf": NOW + LEEWAY + 1}, "not yet"),
        ({"nbf": 10**400}, "not yet"),
        ({"nbf": None}, "not yet"),
        ({"nbf": "0"}, "not yet"),
        ({"nbf": False}, "not yet"),
        ({"sub": ...}, "subject"),
        ({"sub": ""}, "subject"),
        ({"sub": 7}, "subject"),
        ({"sub": None}, "subject"),
        ({"sub": ["worker-7"]}, "subject"),
        ({"cnf": {"jkt": "x"}}, "bound to a key"),
        ({"cnf": None}, "bound to a key"),
    ],
)
async def test_each_claim_wrong_in_turn(verify: Verifier, changed: dict[str, object], says: str) -> None:
    token = sign(EC, claims(**changed))
    assert says in await refused(verify, token)
    assert says in await refused(verify, token)  # a refusal is not turned into a kept success


@pytest.mark.parametrize("expires", [float("nan"), float("inf"), 10**400])
async def test_a_token_that_never_expires_is_refused(verify: Verifier, expires: float) -> None:
    await refused(verify, sign(EC, claims(exp=expires)))


async def test_a_beginning_that_is_no_number_is_refused(verify: Verifier) -> None:
    await refused(verify, sign(EC, claims(nbf=float("nan"))))


@pytest.mark.parametrize("subject", ["\ud800", "a\nb", "\x1b[2J", "\x00"])
async def test_a_subject_that_cannot_be_written_down_is_refused(verify: Verifier, subject: str) -> None:
    await refused(verify, sign(EC, claims(sub=subject)))


async def test_the_times_have_thirty_seconds_of_leeway(provider: StubProvider, clock: Clock) -> None:
    assert (await provider.verifier(clock).verify(sign(EC, claims(exp=NOW - LEEWAY + 1)))).subject
    assert (await provider.verifier(clock).verify(sign(EC, claims(nbf=NOW + LEEWAY)))).subject
    assert (await provider.verifier(clock).verify(sign(EC, claims(aud=["x", AUDIENCE])))).subject


@pytest.mark.parametrize("stated", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])
async def test_types_that_are_access_tokens(verify: Verifier, stated: str) -> None:
    assert (await verify.verify(sign(EC, claims(), typ=stated))).subject


@pytest.mark.parametrize("stated", ["JWT", "jwt", "id+jwt", "at+jwt;x=1", "at+jwts", "text/at+jwt", "", " at+jwt", ...])
async def test_an_id_token_is_no_access_token(verify: Verifier, stated: object) -> None:
    assert "at+jwt" in await refused(verify, sign(EC, claims(), typ=stated))


@pytest.mark.parametrize("stated", [None, 5, ["at+jwt"], {"at+jwt": 1}])
async def test_a_type_that_is_no_text_is_refused(verify: Verifier, stated: object) -> None:
    await refused(verify, unsigned({"alg": "ES256", "typ": stated, "kid": EC.kid}, claims()))


@pytest.mark.parametrize("kid", [None, 5, ["ec-1"], {}, True])
async def test_a_key_id_that_is_no_text_is_refused(verify: Verifier, kid: object) -> None:
    await refused(verify, unsigned({"alg": "ES256", "typ": "at+jwt", "kid": kid}, claims()))
    assert "kid" in await refused(verify, unsigned({"alg": "ES256", "typ": "at+jwt"}, claims()))


async def test_an_unknown_key_id_is_refused(verify: Verifier) -> None:
    await refused(verify, sign(ec("unknown"), claims()))


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_no_part_of_a_token_can_be_changed(verify: Verifier, part: int) -> None:
    parts = sign(EC, claims()).split(".")
    other = sign(EC, claims(sub="someone-else", jti="other"), typ="application/at+jwt").split(".")
    parts[part] = other[part]
    await refused(verify, ".".join(parts))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b",
        "a.b.c.d.e",
        "é.é.é",
        "e30.e30.",
        "bnVsbA.bnVsbA.",
        "W10.W10.",
        "\x00.\x00.\x00",
        "x" * 9000,
    ],
)
async def test_what_is_no_token_is_refused(verify: Verifier, provider: StubProvider, token: str) -> None:
    await refused(verify, token)
    assert provider.fetches == []


async def test_deep_json_is_refused(verify: Verifier) -> None:
    await refused(verify, unsigned(b"[" * 4_000, b"{}"))
    await refused(verify, unsigned(b'{"a":' * 1_000 + b"1" + b"}" * 1_000, b"{}"))


async def test_a_foreign_issuer_is_never_asked(verify: Verifier, provider: StubProvider) -> None:
    await refused(verify, sign(EC, claims(iss="https://evil.example")))
    assert provider.fetches == []


HEADERS = st.dictionaries(
    st.sampled_from(["alg", "typ", "kid", "crit", "b64", "jwk", "x5c", "cty", "zip", "enc", "zz", "jku", "x5t"]),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.sampled_from(["ES256", "at+jwt", "ec-1", "b64", ""]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["b64", "kty"]), inner, max_size=2),
        max_leaves=4,
    ),
)
GARBAGE = settings(
    max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@GARBAGE
@given(header=HEADERS, payload=st.dictionaries(st.sampled_from(["exp", "aud", "sub", "nbf"]), st.none() | st.floats()))
async def test_unsigned_garbage_is_only_ever_refused(
    verify: Verifier, header: dict[str, object], payload: dict[str, object]
) -> None:
    await refused(verify, unsigned({"alg": "ES256", "typ": "at+jwt", "kid": "ec-1", **header}, claims(**payload)))


@GARBAGE
@given(changed=st.dictionaries(
    st.sampled_from(["exp", "nbf", "aud", "sub", "iss", "roles", "scope", "agency", "team", "client_id", "azp"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    ),
    min_size=1,
))  # fmt: skip
async def test_signed_garbage_is_refused_or_read(verify: Verifier, changed: dict[str, object]) -> None:
    """A provider may sign nonsense: what comes of it is a principal with texts in it, or a refusal."""
    try:
        principal = await verify.verify(sign(EC, claims(**changed)))
    except TokenError:
        return
    assert principal.subject
    assert principal.issuer == ISSUER
    texts = (principal.subject, principal.client, principal.agency, principal.team, *principal.scopes)
    assert all(isinstance(text, str) for text in texts)
    assert all(isinstance(role, Role) for role in principal.roles)


@GARBAGE
@given(token=st.text(max_size=60) | st.from_regex(r"[\w-]{0,20}\.[\w-]{0,20}\.[\w-]{0,20}", fullmatch=True))
async def test_text_is_only_ever_refused(verify: Verifier, token: str) -> None:
    with pytest.raises(TokenError, match="the bearer token is not a signed JWT"):
        await verify.verify(token)


@pytest.mark.parametrize("claim", ["roles", "scope", "agency", "team", "client_id"])
@pytest.mark.parametrize("value", [None, 5, {}, [["social_worker"]], {"social_worker": True}, ...])
async def test_rights_of_a_wrong_shape_give_no_rights(verify: Verifier, claim: str, value: object) -> None:
    principal = await verify.verify(sign(EC, claims(**{claim: value})))
    rights = {"roles": principal.roles, "scope": principal.scopes}
    if claim in rights:
        assert not rights[claim]


# the cache


async def test_a_kept_token_is_not_fetched_for_and_never_outlives_its_end(provider: StubProvider, clock: Clock) -> None:
    verify = provider.verifier(clock)
    token = sign(EC, claims(exp=NOW + 100))
    first = await verify.verify(token)
    provider.down = True
    clock.now = NOW + 100 + LEEWAY - 0.001
    assert await verify.verify(token) is first
    clock.now = NOW + 100 + LEEWAY
    assert "expired" in await refused(verify, token)
    assert len(verify._cache) == 0


async def test_the_cache_is_bounded(provider: StubProvider, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "MAX_CACHED", 5)
    verify = provider.verifier(clock)
    tokens = [sign(EC, claims(jti=str(number), sub=f"s{number}")) for number in range(8)]
    for number, token in enumerate(tokens):
        assert (await verify.verify(token)).subject == f"s{number}"
    assert len(verify._cache) == 5
    assert [(await verify.verify(token)).subject for token in tokens] == [f"s{number}" for number in range(8)]


async def test_a_token_does_not_outlive_the_key_that_it_was_signed_by(provider: StubProvider) -> None:
    """As where a key was stolen: it is taken out of the set, though what it signed is good for a day by itself."""
    clock, monotonic = Clock(NOW), Clock(1_000.0)
    verify = provider.verifier(clock, monotonic)
    stolen, other = sign(EC, claims(exp=NOW + 86_000)), sign(RSA, claims(sub="other", exp=NOW + 86_000))
    await verify.verify(stolen)
    provider.keys = [public(RSA)]
    for now in (clock, monotonic):
        now.now += MAX_AGE + KEPT_SECONDS
    await verify.verify(other)  # whoever comes first has the set fetched anew, and does not wait for it
    await asyncio.sleep(0.01)
    await refused(verify, stolen)
    await verify.verify(other)


async def test_a_token_is_refused_as_soon_as_its_key_is_known_to_be_gone(provider: StubProvider) -> None:
    clock, monotonic = Clock(NOW), Clock(1_000.0)
    verify = provider.verifier(clock, monotonic)
    token = sign(EC, claims())
    await verify.verify(token)
    new = ec("new")
    provider.keys = [public(RSA), public(new)]
    monotonic.now += MIN_REFRESH + 1
    await verify.verify(sign(new, claims()))
    await refused(verify, token)


async def test_an_issuer_speaks_of_its_own_agencies_people_only(provider: StubProvider) -> None:
    """Whoever has another's subject and agency in its directory would have that one's children."""
    other = "https://other.example"
    stub = StubProvider([public(EC)], metadata={"issuer": other, "jwks_uri": f"{other}/jwks"})
    theirs = Provider(other, httpx.AsyncClient(transport=httpx.MockTransport(stub.answer)), Clock(1_000.0))
    verify = Verifier(
        {
            ISSUER: Issuer(provider.provider(), AUDIENCE),
            other: Issuer(theirs, AUDIENCE, agencies=frozenset(("13", "RAE"))),
        },
        Clock(NOW),
    )
    assert (await verify.verify(sign(EC, claims(agency="380")))).agency == "380"
    assert (await verify.verify(sign(EC, claims(agency="13", iss=other)))).agency == "13"
    assert "another issuer" in await refused(verify, sign(EC, claims(agency="13")))
    assert "another issuer" in await refused(verify, sign(EC, claims(agency="380", iss=other)))
    assert "another issuer" in await refused(verify, sign(EC, claims(agency=..., iss=other)))


async def test_the_cache_holds_no_token(verify: Verifier) -> None:
    token = sign(EC, claims())
    await verify.verify(token)
    assert token not in repr(verify._cache._entries)


async def test_a_token_that_shares_a_prefix_is_not_taken_for_a_kept_one(verify: Verifier) -> None:
    token = sign(EC, claims())
    await verify.verify(token)
    await refused(verify, token[:-2])
    await refused(verify, token + "A")


async def test_each_issuer_vouches_for_its_own_tokens_only() -> None:
    """A key of one trusted issuer does not sign for the other."""
    one, two = StubProvider([public(EC)]), StubProvider([public(RSA)])
    verify = Verifier(
        {ISSUER: Issuer(one.provider(), AUDIENCE), "https://two.example": Issuer(two.provider(), AUDIENCE)},
        Clock(NOW),
    )
    await verify.verify(sign(EC, claims()))
    with pytest.raises((TokenError, ProviderError)):
        await verify.verify(sign(RSA, claims()))
    assert two.fetches == []


def test_the_stub_signs_as_it_says() -> None:
    """The forgeries above are refused for their own faults: the stub's good tokens verify by joserfc alone."""
    for key in (EC, RSA):
        found = jwt.decode(sign(key, claims()), key, algorithms=["ES256", "RS256"])
        assert found.claims == claims()
    assert isinstance(OctKey.generate_key(256), OctKey)
    assert isinstance(ed(), OKPKey)


async def test_one_token_that_many_come_with_is_verified_once(
    provider: StubProvider, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    verify = provider.verifier(clock)
    decoded: list[str] = []
    decode = jwt.decode

    def counted(token: str, *rest: object, **more: object) -> object:
        decoded.append(token)
        return decode(token, *rest, **more)  # type: ignore[arg-type] # handed on

    monkeypatch.setattr(jwt, "decode", counted)
    token = sign(EC, claims())
    found = await asyncio.gather(*(verify.verify(token) for _ in range(20)))
    assert len({id(principal) for principal in found}) == 1
    assert decoded == [token]


async def test_a_token_is_good_for_a_day_at_most(provider: StubProvider, clock: Clock) -> None:
    verify = provider.verifier(clock)
    await verify.verify(sign(EC, claims(iat=NOW, exp=NOW + 86_400)))
    told = await refused(verify, sign(EC, claims(iat=NOW, exp=NOW + 86_401)))
    assert told == "the token is good for longer than 24 hours"
    await refused(verify, sign(EC, claims(iat=NOW - 86_000, exp=NOW + 500)))
    without = claims(exp=NOW + 86_401)
    without.pop("iat", None)
    await refused(verify, sign(EC, without))


async def test_how_long_a_token_may_be_good_is_configured(provider: StubProvider, clock: Clock) -> None:
    issuers = provider.verifier(clock)._issuers
    hour = Verifier(issuers, clock, max_lifetime=3600)
    await hour.verify(sign(EC, claims(iat=NOW, exp=NOW + 3600)))
    assert await refused(hour, sign(EC, claims(iat=NOW, exp=NOW + 3601))) == "the token is good for longer than 1 hours"


@pytest.mark.parametrize("issued", [NOW + LEEWAY + 1, NOW + 86_400, "yesterday", True, 1e300])
async def test_a_token_from_the_future_is_refused(verify: Verifier, issued: object) -> None:
    assert "from the future" in await refused(verify, sign(EC, claims(iat=issued, exp=NOW + 100_000)))


async def test_clocks_may_differ_by_a_little(verify: Verifier) -> None:
    await verify.verify(sign(EC, claims(iat=NOW + LEEWAY)))
