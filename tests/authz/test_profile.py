"""How tokens of three kinds of provider are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from authz.errors import ProviderError, TokenError
from authz.oidc import TokenProfile, Verifier, read_profile
from authz.oidc.verifier import Issuer
from authz.principal import Principal, Purpose, Role
from tests.authz.stub import AUDIENCE, ISSUER, NOW, Clock, StubProvider, claims, ec, public, sign

EC = ec()
COMMON = {"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 300, "iat": NOW}


async def verified(profile: TokenProfile, content: dict[str, object], **header: object) -> Principal:
    provider = StubProvider([public(EC)])
    verifier = provider.verifier(Clock(NOW))
    made = verifier._issuers[ISSUER]
    own = Verifier({ISSUER: Issuer(made.provider, AUDIENCE, profile)}, Clock(NOW))
    return await own.verify(sign(EC, content, **header))


async def test_keycloak() -> None:
    profile = TokenProfile(
        types=("jwt",), roles=("realm_access.roles", "resource_access.cps.roles"), agency=("organisation",)
    )
    token = COMMON | {
        "sub": "f3c1", "typ": "Bearer", "azp": "cps-console", "scope": "openid cps.read",
        "realm_access": {"roles": ["offline_access", "social_worker", "team_manager"]}, "organisation": "380",
    }  # fmt: skip
    found = await verified(profile, token, typ="JWT")
    assert found.roles == (Role.SOCIAL_WORKER, Role.TEAM_MANAGER)
    assert (found.client, found.agency, found.scopes) == ("cps-console", "380", frozenset(("openid", "cps.read")))


async def test_entra_id() -> None:
    profile = TokenProfile(
        types=("jwt",), scopes=("scp",), client=("azp", "appid"), agency=("extension_agency", "tid"),
        role_of={"Police.Protection": "police_public_protection"}, agency_of={"9188040d": "13"},
    )  # fmt: skip
    token = COMMON | {
        "sub": "AAAA", "oid": "0000", "tid": "9188040d", "azp": "console", "scp": "cps.read",
        "roles": ["Police.Protection", "Other"], "ver": "2.0",
    }  # fmt: skip
    found = await verified(profile, token, typ="JWT")
    assert found.roles == (Role.POLICE,)
    assert (found.agency, found.client, found.scopes) == ("13", "console", frozenset(("cps.read",)))


async def test_nhs_cis2() -> None:
    profile = TokenProfile(
        types=("jwt",), roles=("nhsid_nrbac_roles.role_code",), agency=("nhsid_nrbac_roles.org_code",),
        registration=("professional_registration",), role_of={"S8000:G8000:R8001": "named_doctor"},
    )  # fmt: skip
    token = COMMON | {
        "sub": "555036632103", "client_id": "cps", "professional_registration": "C1234567",
        "nhsid_nrbac_roles": [
            {"org_code": "RAE", "role_code": "S8000:G8000:R8001", "role_name": "doctor"},
            {"org_code": "RAE", "role_code": "S8000:G8001:R8008", "role_name": "admin"},
        ],
    }  # fmt: skip
    found = await verified(profile, token, typ="JWT")
    assert (found.roles, found.agency, found.registration) == ((Role.DOCTOR,), "RAE", "C1234567")
    two = json.loads(json.dumps(token))
    two["nhsid_nrbac_roles"][1]["org_code"] = "RCD"
    assert (await verified(profile, two, typ="JWT")).agency == "", "which of two acts can't be told"


async def test_a_claim_whose_name_is_an_address() -> None:
    profile = TokenProfile(roles=("https://cps.example/roles",))
    found = await verified(profile, claims(**{"https://cps.example/roles": ["auditor"], "purpose": "AUDIT"}))
    assert (found.roles, found.purpose) == ((Role.AUDITOR,), Purpose.AUDIT)


async def test_other_types_of_token_are_taken_only_where_it_is_said() -> None:
    with pytest.raises(TokenError, match=r"type `at\+jwt`"):
        await verified(TokenProfile(), claims(), typ="JWT")
    with pytest.raises(TokenError, match="type `jwt`"):
        await verified(TokenProfile(types=("jwt",)), claims())


@pytest.mark.parametrize("changed", [{"client_id": "other"}, {"client_id": ...}, {"client_id": ..., "azp": "other"}])
async def test_only_named_clients_where_any_are_named(changed: dict[str, object]) -> None:
    profile = TokenProfile(clients=("console",))
    assert (await verified(profile, claims())).client == "console"
    with pytest.raises(TokenError, match="client"):
        await verified(profile, claims(**changed))


def test_a_profile_is_read(tmp_path: Path) -> None:
    path = tmp_path / "profile.json"
    path.write_text('{"roles": "realm_access.roles", "scopes": ["scp", "scope"], "role_of": {"SW": "social_worker"}}')
    assert read_profile(path) == TokenProfile(
        roles=("realm_access.roles",), scopes=("scp", "scope"), role_of={"SW": "social_worker"}
    )


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"nothing": "x"}', '{"roles": 5}', '{"roles": []}', '{"role_of": {"a": "king"}}', '{"role_of": []}'],
)
def test_a_profile_that_is_none_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "profile.json"
    path.write_text(content)
    with pytest.raises(ProviderError, match=r"the issuer's profile|is a text, or a list|`role_of` "):
        read_profile(path)
