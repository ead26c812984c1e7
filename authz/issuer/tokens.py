"""What the tokens say (RFC 9068 for access tokens; OpenID Connect Core section 2 for ID tokens)."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from authz.issuer.codes import Codes, Grant
from authz.issuer.keys import SigningKeys
from authz.issuer.people import Client, Person
from authz.issuer.settings import Settings

ACCESS_TOKEN = "at+jwt"  # noqa: S105 - a media type, not a secret
ID_TOKEN = "JWT"  # noqa: S105 - a media type, not a secret
OPENID_SCOPES = ("openid", "profile")


@dataclass(frozen=True, slots=True)
class Issuer:
    """One running issuer: what every endpoint works with."""

    settings: Settings
    keys: SigningKeys
    codes: Codes
    clock: Callable[[], float]

    def now(self) -> int:
        """The time in whole seconds since 1970."""
        return int(self.clock())


def person_response(issuer: Issuer, person: Person, grant: Grant) -> dict[str, object]:
    """The token response for a person who signed in: an access token, and an ID token if `openid` was asked for."""
    response = _response(
        issuer,
        sub=person.sub,
        client_id=grant.client_id,
        scope=grant.scope,
        roles=person.roles,
        agency=person.agency,
        team=person.team,
        registration=person.registration,
        family_name=person.family_name,
    )
    if "openid" in grant.scope:
        response["id_token"] = _id_token(issuer, person, grant)
    return response


def client_response(issuer: Issuer, client: Client, scope: tuple[str, ...]) -> dict[str, object]:
    """The token response for a client that acts for itself: its identifier is the subject (RFC 9068 section 2.2)."""
    return _response(
        issuer,
        sub=client.client_id,
        client_id=client.client_id,
        scope=scope,
        roles=client.roles,
        agency=client.agency,
        team=None,
        registration=None,
        family_name=None,
    )


def verified(issuer: Issuer, access_token: str) -> dict[str, object] | None:
    """The claims of an access token of this issuer that is alive, else None."""
    settings = issuer.settings
    return issuer.keys.verify(
        ACCESS_TOKEN, access_token, issuer=settings.issuer, audience=settings.audience, now=issuer.now()
    )


def _response(
    issuer: Issuer,
    *,
    sub: str,
    client_id: str,
    scope: tuple[str, ...],
    roles: tuple[str, ...],
    agency: str | None,
    team: str | None,
    registration: str | None,
    family_name: str | None,
) -> dict[str, object]:
    settings, now = issuer.settings, issuer.now()
    claims: dict[str, object] = {
        "iss": settings.issuer,
        "sub": sub,
        "aud": settings.audience,
        "client_id": client_id,
        "iat": now,
        "exp": now + settings.token_seconds,
        "jti": secrets.token_urlsafe(16),
        "scope": " ".join(scope),
        "roles": list(roles),
    }
    claims |= {
        name: value
        for name, value in (
            ("agency", agency),
            ("team", team),
            ("registration", registration),
            ("family_name", family_name),
        )
        if value is not None
    }
    return {
        "access_token": issuer.keys.sign(ACCESS_TOKEN, claims),
        "token_type": "Bearer",
        "expires_in": settings.token_seconds,
        "scope": claims["scope"],
    }


def _id_token(issuer: Issuer, person: Person, grant: Grant) -> str:
    now = issuer.now()
    claims: dict[str, object] = {
        "iss": issuer.settings.issuer,
        "sub": person.sub,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + issuer.settings.token_seconds,
        "name": person.name,
    }
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    return issuer.keys.sign(ID_TOKEN, claims)
