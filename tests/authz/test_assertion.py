"""The gateway's signed statement to an agency."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt

from authz.assertion import LEEWAY, MAX_BYTES, SECONDS, TYPE, AssertionVerifier, Signer, load_key, make_key, public_keys
from authz.errors import AccessError, KeyFileError, TokenError
from authz.principal import Principal, Purpose, Role

KEY = make_key()
WORKER = Principal("sub-1", "https://idp.example", "console", (Role.SOCIAL_WORKER, Role.AUDITOR), "380", "East")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def verifier(clock: Clock, audience: str = "police", gateway: str = "cps", keys: Any = None) -> AssertionVerifier:
    return AssertionVerifier(keys or public_keys(KEY), gateway, audience, clock)


def claims(**changed: object) -> dict[str, object]:
    whole: dict[str, object] = {
        "iss": "cps", "aud": "police", "iat": 1_000_000, "exp": 1_000_060, "sub": "s", "idp": "i", "client_id": "c",
        "agency": "380", "team": "", "roles": ["social_worker"], "purpose": "S47", "break_glass": "",
    }  # fmt: skip
    return {name: value for name, value in (whole | changed).items() if value is not ...}


def signed(header: dict[str, object] | None = None, **changed: object) -> str:
    return jwt.encode(
        {"alg": "ES256", "typ": TYPE, "kid": KEY.thumbprint(), **(header or {})}, claims(**changed), KEY, ["ES256"]
    )


def test_it_says_who_asks_in_what_role_and_why(clock: Clock) -> None:
    found = verifier(clock).verify(Signer("cps", KEY, clock).speaker(WORKER, Purpose.S47, "g1").to("police").token)
    assert (found.subject, found.issuer, found.client) == ("sub-1", "https://idp.example", "console")
    assert (found.agency, found.team, found.roles) == ("380", "East", (Role.SOCIAL_WORKER, Role.AUDITOR))
    assert (found.purpose, found.break_glass) == (Purpose.S47, "g1")


def test_it_is_reused_while_it_lives_and_for_nobody_else(clock: Clock) -> None:
    signer = Signer("cps", KEY, clock)
    first = signer.speaker(WORKER, Purpose.S47).to("police").token
    clock.now += SECONDS - 11
    assert signer.speaker(WORKER, Purpose.S47).to("police").token == first
    others = {
        signer.speaker(WORKER, Purpose.CIN).to("police").token,
        signer.speaker(WORKER, Purpose.S47).to("care").token,
        signer.speaker(WORKER, Purpose.S47, "g1").to("police").token,
        signer.speaker(Principal("sub-2", "https://idp.example", "console"), Purpose.S47).to("police").token,
    }
    assert len(others | {first}) == 5
    clock.now += 2
    assert signer.speaker(WORKER, Purpose.S47).to("police").token != first
    assert verifier(clock).verify(first)


def test_where_a_clock_is_set_back_it_is_made_anew(clock: Clock) -> None:
    """A gateway that was a minute ahead says to agencies that it speaks in a minute's time: they refuse that."""
    speaker = Signer("cps", KEY, clock).speaker(WORKER, Purpose.S47)
    ahead = speaker.to("police").token
    clock.now -= 60
    with pytest.raises(TokenError, match="not good yet"):
        verifier(clock).verify(ahead)
    assert verifier(clock).verify(speaker.to("police").token)


def test_it_ends_even_where_it_was_seen_before(clock: Clock) -> None:
    token, taking = Signer("cps", KEY, clock).speaker(WORKER, None).to("police").token, verifier(clock)
    assert taking.verify(token).purpose is None
    clock.now += SECONDS + LEEWAY
    with pytest.raises(TokenError, match="expired"):
        taking.verify(token)


@pytest.mark.parametrize(
    ("at", "good"),
    [
        (1_000_000 - LEEWAY, True),
        (1_000_000 - LEEWAY - 1, False),
        (1_000_060 + LEEWAY - 1, True),
        (1_000_060 + LEEWAY, False),
    ],
)
def test_clocks_may_differ_by_so_much_and_no_more(clock: Clock, at: int, good: bool) -> None:
    clock.now = float(at)
    if good:
        assert verifier(clock).verify(signed()).subject == "s"
    else:
        with pytest.raises(TokenError, match="expired, or is not good yet"):
            verifier(clock).verify(signed())


OTHERS, TIMES, WHO = "of another gateway, or for another agency", "for how long it is good", "who asks"


@pytest.mark.parametrize(
    ("header", "changed", "said"),
    [
        ({}, {"aud": "care"}, OTHERS),
        ({}, {"aud": ["police", "care"]}, OTHERS),
        ({}, {"aud": ...}, OTHERS),
        ({}, {"iss": "another"}, OTHERS),
        ({}, {"exp": 1_000_061}, TIMES),
        ({}, {"exp": ...}, TIMES),
        ({}, {"exp": 999_990}, "expired, or is not good yet"),
        ({}, {"iat": 1_000_050, "exp": 1_000_060}, "expired, or is not good yet"),
        ({}, {"iat": "now"}, TIMES),
        ({}, {"sub": ...}, WHO),
        ({}, {"sub": 5}, WHO),
        ({}, {"roles": "social_worker"}, WHO),
        ({}, {"purpose": "NOSY"}, "purpose is not known"),
        ({"typ": "JWT"}, {}, "has the type"),
        ({"typ": "at+jwt"}, {}, "has the type"),
    ],
)
def test_what_is_not_good_here_and_now_is_refused(
    clock: Clock, header: dict[str, object], changed: dict[str, object], said: str
) -> None:
    assert verifier(clock).verify(signed()).subject == "s"
    with pytest.raises(TokenError, match=said):
        verifier(clock).verify(signed(header, **changed))


def of_size(size: int) -> str:
    """A good assertion of so many characters, or one more."""
    empty = len(signed(team=""))
    token = signed(team="x" * ((size - empty) * 3 // 4))
    while len(token) < size:
        token = signed(team="x" * (len(jwt_team(token)) + 1))
    return token


def jwt_team(token: str) -> str:
    return str(jwt.decode(token, KEY, ["ES256"]).claims["team"])


def test_one_that_is_too_large_is_refused_before_its_signature_is_looked_at(clock: Clock) -> None:
    fits, over = of_size(MAX_BYTES - 2), of_size(MAX_BYTES + 1)
    assert MAX_BYTES == 4_096
    assert len(fits) <= MAX_BYTES < len(over)
    assert verifier(clock).verify(fits).subject == "s"
    with pytest.raises(TokenError, match="too large"):
        verifier(clock).verify(over)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5_000, "eyJhbGciOiJub25lIn0.e30."])
def test_garbage_is_refused(clock: Clock, token: str) -> None:
    with pytest.raises(TokenError, match="the assertion"):
        verifier(clock).verify(token)


def test_another_key_is_refused_and_an_older_one_of_the_set_is_taken(clock: Clock) -> None:
    fresh = make_key()
    token = Signer("cps", KEY, clock).speaker(WORKER, None).to("police").token
    with pytest.raises(TokenError, match="signature"):
        verifier(clock, keys=public_keys(fresh)).verify(token)
    assert verifier(clock, keys=public_keys(fresh, KEY)).verify(token)
    with pytest.raises(AccessError, match="the gateway's keys are no JWK set"):
        AssertionVerifier({"keys": "x"}, "cps", "police")


def test_the_key_is_made_once_and_nobody_else_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "assertion.jwk"
    with pytest.raises(KeyFileError, match="can't be had: No such file or directory"):
        load_key(path, make=False)
    assert load_key(path, make=True).thumbprint() == load_key(path, make=False).thumbprint()
    assert path.stat().st_mode & 0o077 == 0
    assert "d" not in public_keys(load_key(path, make=False))["keys"][0]
    path.chmod(0o644)
    with pytest.raises(KeyFileError, match="600"):
        load_key(path, make=True)
    path.chmod(0o600)
    path.write_text("{}")
    with pytest.raises(KeyFileError, match="holds no signing key"):
        load_key(path, make=True)
