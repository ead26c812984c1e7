"""Metadata and keys: what is fetched when, how often, and what serves while the provider is down."""

from __future__ import annotations

import asyncio

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey

from authz.errors import ProviderError, TokenError
from authz.oidc.provider import MAX_AGE, MAX_BYTES, MAX_STALE, MIN_REFRESH, Provider
from tests.authz.stub import ISSUER, NOW, Clock, StubProvider, claims, ec, public, rsa, sign

OLD, NEW, RSA = ec("old"), ec("new"), rsa("rsa")


@pytest.fixture
def clock() -> Clock:
    return Clock(5_000.0)


async def test_keys_are_fetched_once(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    for _ in range(5):
        await provider.keys("old")
    await asyncio.gather(*(provider.keys("old") for _ in range(20)))
    assert stub.fetches == ["/.well-known/openid-configuration", "/jwks"]


async def test_a_burst_at_the_start_makes_one_fetch(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    await asyncio.gather(*(provider.keys("old") for _ in range(50)))
    assert stub.key_fetches == 1


async def test_keys_are_fetched_again_when_they_are_old(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    await provider.keys("old")
    clock.now += MAX_AGE - 1
    await provider.keys("old")
    assert stub.key_fetches == 1
    clock.now += 1
    for _ in range(5):
        await provider.keys("old")
    await settled(provider)
    assert stub.key_fetches == 2


async def settled(provider: Provider) -> None:
    """Wait for what is fetched beside."""
    assert provider._refreshing is not None
    await provider._refreshing


async def test_who_has_a_known_key_never_waits_for_a_provider(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    await provider.keys("old")
    stub.hangs = asyncio.Event()
    clock.now += MAX_AGE
    unknown = asyncio.ensure_future(provider.keys("new"))
    await asyncio.sleep(0.01)  # it waits, and holds the lock
    for _ in range(3):
        async with asyncio.timeout(0.05):
            assert await provider.keys("old")
    assert not unknown.done()
    stub.hangs.set()
    assert [key.kid for key in (await unknown).keys] == ["old"]
    await settled(provider)
    assert stub.key_fetches == 2


async def test_a_new_key_is_fetched_when_a_token_names_it(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    await provider.keys("old")
    stub.keys = [public(NEW), public(OLD)]
    clock.now += MIN_REFRESH
    assert {key.kid for key in (await provider.keys("new")).keys} == {"new", "old"}
    stub.keys = [public(NEW)]  # and the old one is let go of
    clock.now += MAX_AGE
    await provider.keys("new")
    await settled(provider)
    assert {key.kid for key in (await provider.keys("new")).keys} == {"new"}


async def test_a_withdrawn_key_no_longer_verifies(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    verify = stub.verifier(Clock(NOW), clock)
    await verify.verify(sign(OLD, claims(jti="1")))
    stub.keys = [public(NEW)]
    clock.now += MAX_AGE
    await verify.verify(sign(OLD, claims(jti="2")))  # who comes first has the set fetched anew
    await asyncio.sleep(0.01)
    with pytest.raises(TokenError, match="the token's signature does not verify"):
        await verify.verify(sign(OLD, claims(jti="3")))


async def test_a_storm_of_unknown_keys_makes_one_fetch(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    await provider.keys("old")
    clock.now += MIN_REFRESH
    await asyncio.gather(*(provider.keys(f"unknown-{n}") for n in range(200)))
    assert stub.key_fetches == 2
    clock.now += MIN_REFRESH - 0.1
    await asyncio.gather(*(provider.keys(f"unknown-{n}") for n in range(200)))
    assert stub.key_fetches == 2
    clock.now += 0.1
    await provider.keys("unknown")
    assert stub.key_fetches == 3


async def test_a_storm_through_the_verifier_refuses_all_and_lets_the_good_pass(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    verify = stub.verifier(Clock(NOW), clock)
    await verify.verify(sign(OLD, claims()))
    clock.now += MIN_REFRESH
    strangers = [sign(ec(f"stranger-{n}"), claims()) for n in range(10)]
    results = await asyncio.gather(*(verify.verify(token) for token in strangers), return_exceptions=True)
    assert {type(result) for result in results} == {TokenError}
    assert (await verify.verify(sign(OLD, claims(jti="again")))).subject
    assert stub.key_fetches == 2


async def test_while_the_provider_is_down_the_last_good_keys_serve_for_a_day(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    await provider.keys("old")
    stub.down = True
    for wait in (MAX_AGE, MAX_AGE, MAX_STALE - 2 * MAX_AGE - 1):
        clock.now += wait
        assert [key.kid for key in (await provider.keys("old")).keys] == ["old"]
    clock.now += 2
    with pytest.raises(ProviderError, match="the identity provider's keys can't be had"):
        await provider.keys("old")
    stub.down = False
    clock.now += MIN_REFRESH
    assert await provider.keys("old")


async def test_a_provider_that_is_down_at_the_start_can_come_back(clock: Clock) -> None:
    stub = StubProvider([public(OLD)], down=True)
    provider = stub.provider(clock)
    with pytest.raises(ProviderError, match="the identity provider does not answer: ConnectError"):
        await provider.keys("old")
    stub.down = False
    clock.now += MIN_REFRESH
    assert await provider.keys("old")


async def test_a_provider_that_is_down_at_the_start_is_not_stormed(clock: Clock) -> None:
    """Else each waits for the timeouts of all those before it."""
    stub = StubProvider([], down=True)
    provider = stub.provider(clock)
    results = await asyncio.gather(*(provider.keys("x") for _ in range(30)), return_exceptions=True)
    assert {type(result) for result in results} == {ProviderError}
    assert len(stub.fetches) <= 2


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example", "jwks_uri": f"{ISSUER}/jwks"},
        {"issuer": ISSUER + "/", "jwks_uri": f"{ISSUER}/jwks"},
        {"issuer": [ISSUER], "jwks_uri": f"{ISSUER}/jwks"},
        {"jwks_uri": f"{ISSUER}/jwks"},
        {"issuer": ISSUER},
        {"issuer": ISSUER, "jwks_uri": None},
        {"issuer": ISSUER, "jwks_uri": 5},
        {"issuer": ISSUER, "jwks_uri": [f"{ISSUER}/jwks"]},
        {"issuer": ISSUER, "jwks_uri": "http://h:notaport/"},
        {"issuer": ISSUER, "jwks_uri": "http://\x00/"},
    ],
)
async def test_metadata_that_is_not_the_issuers_gives_no_keys(clock: Clock, metadata: dict[str, object]) -> None:
    """OpenID Connect Discovery 1.0, section 4.3: the issuer has to be the very one."""
    stub = StubProvider([public(OLD)], metadata=metadata)
    with pytest.raises(ProviderError, match=r"names another issuer|has no `jwks_uri`|InvalidURL"):
        await stub.provider(clock).keys("old")


async def test_metadata_that_goes_wrong_later_leaves_the_good_keys(clock: Clock) -> None:
    stub = StubProvider([public(OLD)])
    provider = stub.provider(clock)
    await provider.keys("old")
    for metadata in ({"issuer": "https://evil.example"}, {"issuer": ISSUER, "jwks_uri": "http://h:notaport/"}):
        stub.metadata = dict(metadata)
        clock.now += MAX_AGE
        assert [key.kid for key in (await provider.keys("old")).keys] == ["old"]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'"x"', b"\xff\xff", b"{" * 50_000, b" " * (MAX_BYTES + 1)]
)
async def test_answers_that_are_no_json_object_give_no_keys(clock: Clock, body: bytes) -> None:
    stub = StubProvider([public(OLD)], body=body)
    with pytest.raises(ProviderError, match="the identity provider"):
        await stub.provider(clock).keys("old")


@pytest.mark.parametrize("status", [301, 302, 400, 401, 404, 500, 503])
async def test_answers_that_are_not_200_give_no_keys(clock: Clock, status: int) -> None:
    stub = StubProvider([public(OLD)], status=status)
    with pytest.raises(ProviderError, match="the identity provider answered with HTTP status"):
        await stub.provider(clock).keys("old")


UNUSABLE: list[object] = [
    OctKey.generate_key(256, {"kid": "old", "use": "sig"}).as_dict(private=True),
    {**public(OLD), "use": "enc"},
    {name: value for name, value in public(OLD).items() if name != "kid"},
    {**public(OLD), "kid": 5},
    {**public(OLD), "kty": "oct"},
    {**public(OLD), "kty": None},
    {"kid": "old"},
    "key",
    None,
    [],
]


@pytest.mark.parametrize("key", UNUSABLE)
async def test_keys_that_are_no_public_signature_keys_are_not_used(clock: Clock, key: object) -> None:
    with pytest.raises(ProviderError, match="the key set holds no signature key that can be used"):
        await StubProvider([key]).provider(clock).keys("old")
    keys = await StubProvider([key, public(NEW)]).provider(clock).keys("new")
    assert [found.kid for found in keys.keys] == ["new"]


ODD: list[object] = [
    {"kty": "EC", "kid": "odd"},
    {"kty": "EC", "kid": "odd", "crv": "P-999", "x": "AA", "y": "AA"},
    {"kty": "EC", "kid": "odd", "crv": "P-256", "x": "AA", "y": "AA"},
    {"kty": "EC", "kid": "odd", "crv": ["P-256"], "x": "AA", "y": "AA"},
    {"kty": "RSA", "kid": "odd", "n": "!!", "e": "AQAB"},
    {"kty": "RSA", "kid": "odd", "n": 5, "e": "AQAB"},
    {"kty": "OKP", "kid": "odd", "crv": "X448", "x": "AAAA"},
    {"kty": "OKP", "kid": "odd", "crv": "Ed25519", "x": {}},
    {**public(OLD), "kid": "odd", "key_ops": 5},
    {**public(OLD), "kid": "odd", "key_ops": ["encrypt"]},
    {**public(OLD), "kid": "odd", "alg": 5},
]


@pytest.mark.parametrize("key", ODD)
async def test_a_key_that_cannot_be_read_does_not_hide_the_others(clock: Clock, key: object) -> None:
    """RFC 7517, section 5: keys that are not understood are ignored."""
    for keys in ([key, public(NEW)], [public(NEW), key]):
        verify = StubProvider(keys).verifier(Clock(NOW), clock)
        assert (await verify.verify(sign(NEW, claims()))).subject == "worker-7"


@pytest.mark.parametrize("key", ODD)
async def test_a_set_of_keys_that_cannot_be_read_is_none(clock: Clock, key: object) -> None:
    with pytest.raises((ProviderError, TokenError)):
        await StubProvider([key]).verifier(Clock(NOW), clock).verify(sign(NEW, claims(), kid="odd"))


@pytest.mark.parametrize("found", [b"null", b"{}", b'"keys"', b"5", b"[]", b"[[]]", b"[null]"])
async def test_a_set_of_another_shape_is_none(clock: Clock, found: bytes) -> None:
    stub = StubProvider([])
    stub.body = b'{"issuer": "%b", "jwks_uri": "%b/jwks", "keys": %b}' % (ISSUER.encode(), ISSUER.encode(), found)
    with pytest.raises(ProviderError, match="the key set holds no signature key that can be used"):
        await stub.provider(clock).keys("old")
    assert stub.key_fetches == 1


async def test_a_symmetric_key_in_the_set_signs_nothing(clock: Clock) -> None:
    secret = OctKey.generate_key(256, {"kid": "shared", "use": "sig"})
    verify = StubProvider([secret.as_dict(private=True), public(OLD)]).verifier(Clock(NOW), clock)
    with pytest.raises(TokenError, match="the token is signed by an algorithm that is not taken"):
        await verify.verify(sign(secret, claims(), alg="HS256", kid="shared"))


async def test_two_keys_of_one_id_leave_the_first_one_good(clock: Clock) -> None:
    """RFC 7517, section 4.5: ids should differ; where they don't, nothing else than a refusal may come of it."""
    other = ec("old")
    verify = StubProvider([public(OLD), public(other)]).verifier(Clock(NOW), clock)
    assert (await verify.verify(sign(OLD, claims()))).subject == "worker-7"
    stranger = ec("old")
    with pytest.raises(TokenError, match="the token's signature does not verify"):
        await verify.verify(sign(stranger, claims()))


async def test_a_private_key_that_was_published_by_mistake_is_still_only_a_key(clock: Clock) -> None:
    verify = StubProvider([dict(OLD.as_dict(private=True))]).verifier(Clock(NOW), clock)
    assert (await verify.verify(sign(OLD, claims()))).subject == "worker-7"


async def test_keys_of_every_kind_stand_side_by_side(clock: Clock) -> None:
    ed = OKPKey.generate_key("Ed25519", {"use": "sig", "kid": "ed"})
    keys = [public(OLD), public(RSA), public(ed), public(ECKey.generate_key("P-384", {"kid": "p384"}))]
    verify = StubProvider(keys).verifier(Clock(NOW), clock)
    for key, algorithm in ((OLD, "ES256"), (RSA, "RS256"), (RSA, "PS256"), (ed, "Ed25519")):
        assert (await verify.verify(sign(key, claims(), alg=algorithm))).subject == "worker-7"
