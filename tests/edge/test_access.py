"""Who asks and why, at the endpoint: tokens, purposes, and plans that never cross from one person to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import httpx
import pytest

from gateway.audit import Sealer, Tokeniser
from gateway.edge import Auditing
from tests.authz.stub import NOW, ec, public, sign, unsigned
from tests.authz.stub import claims as token_claims
from tests.edge.network import NHS, QUERY, Edge, MemoryLog, edge


def refused(answer: httpx.Response) -> str:
    """The message of an answer for somebody who is not signed in."""
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "data" not in answer.json()
    return str(error["message"])


def child(answer: httpx.Response) -> Mapping[str, Any]:
    assert answer.status_code == 200
    found = answer.json()["data"]["child"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_no_token_is_401(gateway: Edge, accept: str) -> None:
    assert "bearer token is expected" in refused(await gateway.post(token="", accept=accept))
    assert gateway.stub.asked == []


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token x", "x"])
async def test_other_schemes_are_401(gateway: Edge, value: str) -> None:
    refused(await gateway.raw(b'{"query": "{agencies}"}', authorization=value))
    assert gateway.stub.asked == []


async def test_the_scheme_is_read_in_any_case(gateway: Edge) -> None:
    answer = await gateway.raw(b'{"query": "{agencies}"}', authorization=f"bEARER  {gateway.token()} ")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"exp": NOW - 60}, "expired"),
        ({"nbf": NOW + 600}, "not yet valid"),
        ({"iss": "https://evil.example"}, "not trusted"),
        ({"aud": "another"}, "another audience"),
        ({"aud": ...}, "another audience"),
        ({"sub": ...}, "no subject"),
    ],
)
async def test_a_bad_token_is_401_and_the_reason_is_said(gateway: Edge, changed: dict[str, object], says: str) -> None:
    token = gateway.token(**changed)
    answer = await gateway.post(token=token)
    assert says in refused(answer)
    assert token not in answer.text
    assert gateway.stub.asked == []


async def test_a_foreign_token_is_401(gateway: Edge) -> None:
    assert "signature" in refused(await gateway.post(token=sign(ec(), token_claims())))


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "\xff.\xff.\xff", "x" * 9_000, "eyJhbGciOiJub25lIn0.e30."])
async def test_garbage_is_401(gateway: Edge, token: str) -> None:
    answer = await gateway.client.post(
        "/graphql",
        headers=[(b"content-type", b"application/json"), (b"authorization", b"Bearer " + token.encode("latin-1"))],
        content=b'{"query": "{agencies}"}',
    )
    refused(answer)


@pytest.mark.parametrize("crit", [5, None])
async def test_an_unsigned_header_that_is_odd_is_401(gateway: Edge, crit: object) -> None:
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "ec-1", "crit": crit}
    refused(await gateway.post(token=unsigned(header, token_claims())))


async def test_a_bad_token_is_refused_before_the_body_is_looked_at(gateway: Edge) -> None:
    refused(await gateway.raw(b"{" * 300_000, authorization="Bearer x"))


async def test_a_refused_token_is_called_invalid(gateway: Edge) -> None:
    """RFC 6750, section 3.1."""
    assert 'error="invalid_token"' in (await gateway.post(token="x")).headers["www-authenticate"]


async def test_an_identity_provider_that_is_down_is_503(gateway: Edge) -> None:
    gateway.provider.down = True
    answer = await gateway.post()
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "SIGN_IN_UNAVAILABLE"
    gateway.provider.down = False
    gateway.provider.metadata = {"issuer": "https://evil.example", "jwks_uri": "https://idp.example/jwks"}
    assert (await gateway.post()).status_code == 503
    assert gateway.stub.asked == []


async def test_a_rotated_key_is_taken_and_the_old_one_still(gateway: Edge) -> None:
    old = gateway.token()
    child(await gateway.post(token=old))
    fresh = ec("ec-2")
    gateway.provider.keys = [public(fresh), *gateway.provider.keys]
    refused(await gateway.post(token=sign(fresh, token_claims(jti="2"))))  # within ten seconds of the last fetch
    verifier = gateway.provider.verifier()
    assert (await verifier.verify(sign(fresh, token_claims()))).subject == "worker-7"


# purpose


@pytest.mark.parametrize("stated", ["", "NOSY", "S47,CIN", "S 47", "ALL"])
async def test_an_unknown_purpose_is_400_and_the_known_ones_are_named(gateway: Edge, stated: str) -> None:
    answer = await gateway.post(purpose=stated)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNKNOWN_PURPOSE"
    assert "S47" in error["message"]
    assert "EMERG" in error["message"]
    assert gateway.stub.asked == []


@pytest.mark.parametrize("stated", [["S47"], {"purpose": "S47"}, 5, True, ""])
async def test_an_unknown_purpose_among_the_extensions_is_400(gateway: Edge, stated: object) -> None:
    answer = await gateway.post(purpose=None, extensions={"purpose": stated})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNKNOWN_PURPOSE"


async def test_the_purpose_is_stated_by_header_or_extension_and_the_header_counts(gateway: Edge) -> None:
    header = await gateway.post(purpose=" s47 ")
    extension = await gateway.post(purpose=None, extensions={"purpose": "s47"})
    both = await gateway.post(purpose="CIN", extensions={"purpose": "S47"})
    assert child(header)["police"]["narrative"] == child(extension)["police"]["narrative"] == "called at night"
    assert child(both)["police"]["narrative"] is None
    stated = [answer.json()["extensions"]["cps"]["purpose"] for answer in (header, extension, both)]
    assert stated == ["S47", "S47", "CIN"]
    assert [entry.purpose for entry in gateway.log.entries] == ["S47", "S47", "CIN"]


async def test_without_a_purpose_nothing_is_disclosed_and_nobody_asked(gateway: Edge) -> None:
    answer = await gateway.post(purpose=None)
    assert answer.json()["data"] == {"child": None}
    (withheld,) = answer.json()["extensions"]["cps"]["withheld"]
    assert withheld["reason"] == "PURPOSE_MISSING"
    assert gateway.stub.asked == []


async def test_two_purposes_are_none(gateway: Edge) -> None:
    headers = [
        ("content-type", "application/json"),
        ("authorization", f"Bearer {gateway.token()}"),
        ("cps-purpose", "CIN"),
        ("cps-purpose", "S47"),
    ]
    answer = await gateway.client.post("/graphql", headers=headers, content=b'{"query": "{agencies}"}')
    assert answer.status_code == 400


# what each may have

Claims: TypeAlias = dict[str, object]
SOCIAL: Claims = {"roles": ["social_worker"], "agency": "380"}
POLICE: Claims = {"roles": ["police_public_protection"], "agency": "13", "sub": "officer"}
CLERK: Claims = {"roles": ["administrator"], "agency": "380", "sub": "clerk"}
FOREIGN: Claims = {"roles": ["social_worker"], "agency": "381", "sub": "elsewhere"}
NOBODY: Claims = {"roles": ["nobody"], "agency": "380", "sub": "nobody"}
UNSCOPED: Claims = {"scope": "openid", "sub": "unscoped"}

EXPECTED: dict[str, tuple[Claims, dict[str, object] | None]] = {
    "social": (SOCIAL, {"chronology": "seen at home", "legalAdvice": "privileged", "narrative": "called at night"}),
    "police": (POLICE, {"chronology": None, "legalAdvice": None, "narrative": "called at night"}),
    "clerk": (CLERK, {"chronology": None, "legalAdvice": None, "narrative": None}),
    "foreign": (FOREIGN, {"chronology": "seen at home", "legalAdvice": None, "narrative": "called at night"}),
    "unscoped": (UNSCOPED, None),
}


def disclosed(answer: httpx.Response) -> dict[str, object] | None:
    found = answer.json()["data"]["child"]
    if found is None:
        return None
    return {
        "chronology": found["socialCare"]["chronology"],
        "legalAdvice": found["socialCare"]["legalAdvice"],
        "narrative": found["police"]["narrative"],
    }


@pytest.mark.parametrize("first", sorted(EXPECTED))
@pytest.mark.parametrize("second", sorted(EXPECTED))
async def test_a_kept_plan_never_crosses_to_another_person(gateway: Edge, first: str, second: str) -> None:
    """The same query, in both orders and again: each gets their own answer, and only that is fetched."""
    for name in (first, second, first, second):
        who, expected = EXPECTED[name]
        gateway.stub.asked.clear()
        answer = await gateway.post(token=gateway.token(**who))
        assert disclosed(answer) == expected
        sent = " ".join(asked.query for asked in gateway.stub.asked)
        for field in ("chronology", "legalAdvice", "narrative"):
            assert (field in sent) == (expected is not None and expected[field] is not None)
        assert gateway.log.entries[-1].subject == who.get("sub", "worker-7")


async def test_a_kept_plan_never_crosses_to_another_purpose(gateway: Edge) -> None:
    for _ in range(2):
        assert child(await gateway.post(purpose="S47"))["police"]["narrative"] == "called at night"
        assert child(await gateway.post(purpose="CIN"))["police"]["narrative"] is None
        assert child(await gateway.post(purpose="TRIAGE"))["police"]["narrative"] is None


@pytest.mark.parametrize(
    ("who", "purpose"), [(SOCIAL, "AUDIT"), (SOCIAL, "SCHOOL"), (NOBODY, "S47"), (POLICE, "AUDIT")]
)
async def test_a_purpose_that_nobody_of_the_role_has_is_refused_and_logged(
    gateway: Edge, who: Claims, purpose: str
) -> None:
    answer = await gateway.post(token=gateway.token(**who), purpose=purpose, accept="application/graphql-response+json")
    assert answer.status_code == 403
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "PURPOSE_NOT_YOURS"
    assert gateway.stub.asked == []
    assert gateway.log.entries[-1].errors == ("PURPOSE_NOT_YOURS",)


async def test_a_plan_is_the_same_whoever_is_asked_about(gateway: Edge) -> None:
    """Else how soon an answer comes would tell whether a colleague has asked about the same child."""
    plans = gateway.pipeline.preparer.plans.kept
    await gateway.post(f'{{ child(nhsNumber: "{NHS}") {{ id }} }}', {})
    kept = len(plans)
    for text in ('{ child(nhsNumber: "9990000026") { id } }', '{child(nhsNumber:"x"){id}} # written otherwise'):
        answer = await gateway.post(text, {})
        assert answer.json()["data"] is not None
        assert NHS not in str(gateway.stub.asked[-1].variables)
    await gateway.post("query($any: String) { child(nhsNumber: $any) { id } }", {"any": NHS})
    assert len(plans) == kept
    await gateway.post('{ child(id: "x") { id } }', {})
    assert len(plans) == kept + 1


async def test_the_plan_is_kept_for_the_same_profile(gateway: Edge) -> None:
    await gateway.post()
    kept = len(gateway.pipeline.preparer.plans.kept)
    await gateway.post(token=gateway.token(sub="another", jti="9"))
    assert len(gateway.pipeline.preparer.plans.kept) == kept
    await gateway.post(token=gateway.token(**CLERK))
    assert len(gateway.pipeline.preparer.plans.kept) == kept + 1


async def test_what_is_withheld_is_listed_with_its_holder_and_reason(gateway: Edge) -> None:
    answer = await gateway.post(token=gateway.token(**FOREIGN), purpose="CIN")
    assert answer.json()["extensions"]["cps"]["withheld"] == [
        {
            "path": "child.socialCare.legalAdvice",
            "agency": "care",
            "policy": "case.owner",
            "reason": "OWNER_ONLY",
            "explanation": "Only the agency that holds this may see it.",
            "remedies": ["ASK_OWNER"],
        },
        {
            "path": "child.police.narrative",
            "agency": "police",
            "policy": "police.detail",
            "reason": "PURPOSE_DOES_NOT_PERMIT",
            "explanation": "This is not shared for the purpose that you gave.",
            "remedies": ["PURPOSE:S47", "PURPOSE:CPP", "PURPOSE:EMERG", "BREAK_GLASS"],
        },
    ]
    assert "errors" not in answer.json()


# the console's session


async def test_a_session_stands_in_only_where_no_authorization_is_sent() -> None:
    log = MemoryLog()
    token: list[str | None] = [None]
    scopes: list[object] = []

    async def session(scope: object) -> str | None:
        scopes.append(scope)
        return token[0]

    made = edge(Auditing(log, Tokeniser(b"k" * 32), Sealer(b"k" * 32)), log, session_token=session)
    async with made.client:
        refused(await made.post(token=""))
        token[0] = made.token(sub="at-the-console")
        child(await made.post(token=""))
        assert log.entries[-1].subject == "at-the-console"
        assert len(scopes) == 2
        refused(await made.post(token="x"))  # a token that was sent and is bad is not passed over
        refused(await made.raw(b"{}", authorization="Basic x"))
        child(await made.post(token=made.token(sub="by-token")))
        assert log.entries[-1].subject == "by-token"
        assert len(scopes) == 2
        token[0] = made.token(exp=NOW - 60)
        assert "expired" in refused(await made.post(QUERY, token=""))
