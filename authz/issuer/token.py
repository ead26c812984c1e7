"""`/token`: a code, or a client's own secret, against tokens (RFC 6749 sections 3.2, 4.1.3 and 4.4)."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse

from authz.issuer.errors import ProtocolError
from authz.issuer.parameters import form_parameters
from authz.issuer.people import Client
from authz.issuer.tokens import OPENID_SCOPES, Issuer, client_response, person_response

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


async def token(issuer: Issuer, request: Request) -> JSONResponse:
    """Authenticates the client, then answers its grant; every failure is RFC 6749's error in JSON."""
    try:
        form = await form_parameters(request)
        client = _authenticated(issuer, request.headers.get("authorization"), form)
        match form.get("grant_type"):
            case "authorization_code":
                body = _authorization_code(issuer, client, form)
            case "client_credentials":
                body = _client_credentials(issuer, client, form)
            case _:
                expected = "expected `grant_type` `authorization_code` or `client_credentials`"
                raise ProtocolError("unsupported_grant_type", expected)
    except ProtocolError as error:
        headers = NO_STORE | ({"www-authenticate": 'Basic realm="token"'} if error.status == 401 else {})
        content = {"error": error.code, "error_description": error.description}
        return JSONResponse(content, status_code=error.status, headers=headers)
    return JSONResponse(body, headers=NO_STORE)


def _authorization_code(issuer: Issuer, client: Client, form: Mapping[str, str]) -> dict[str, object]:
    # The code is used up by the first who presents it, right or wrong: a stolen one can't be tried twice.
    grant = issuer.codes.redeem(form.get("code", ""))
    if (
        grant is None
        or grant.client_id != client.client_id
        or grant.redirect_uri != form.get("redirect_uri")
        or not _proves(form.get("code_verifier", ""), grant.code_challenge)
    ):
        raise ProtocolError("invalid_grant", "the code is unknown, used or expired, or isn't this client's")
    person = issuer.settings.person(grant.sub)
    if person is None:
        raise ProtocolError("invalid_grant", "the person who signed in is gone")
    return person_response(issuer, person, grant)


def _client_credentials(issuer: Issuer, client: Client, form: Mapping[str, str]) -> dict[str, object]:
    if client.client_secret is None:
        raise ProtocolError("unauthorized_client", "a client without a secret can't act for itself")
    scope = tuple(dict.fromkeys(form.get("scope", "").split())) or client.scope
    if any(name in OPENID_SCOPES or name not in client.scope for name in scope):
        raise ProtocolError("invalid_scope", "a scope is not this client's")
    return client_response(issuer, client, scope)


def _authenticated(issuer: Issuer, authorization: str | None, form: Mapping[str, str]) -> Client:
    """The client, by `client_secret_basic`, `client_secret_post`, or `none` if it has no secret."""
    if authorization is not None and "client_secret" in form:
        raise ProtocolError("invalid_request", "expected one way of client authentication, found two")
    secret: str | None
    if authorization is not None:
        client_id, secret = _basic(authorization)
        if form.get("client_id", client_id) != client_id:
            raise ProtocolError("invalid_request", "two different `client_id`")
    else:
        client_id, secret = form.get("client_id", ""), form.get("client_secret")
    client = issuer.settings.client(client_id)
    # An unknown client costs the same comparison as a wrong secret; a public one's secret is the empty text.
    expected = (client.client_secret if client is not None else None) or ""
    if not hmac.compare_digest((secret or "").encode(), expected.encode()) or client is None:
        raise ProtocolError("invalid_client", "the client is unknown, or its secret is wrong", status=401)
    return client


def _basic(authorization: str) -> tuple[str, str]:
    """Identifier and secret, each form-encoded before Basic joins them (RFC 6749 section 2.3.1)."""
    scheme, _, value = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise ValueError("not Basic")
        client_id, colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
        if not colon:
            raise ValueError("no colon")
    except (ValueError, binascii.Error) as error:
        raise ProtocolError("invalid_client", "expected HTTP Basic client authentication", status=401) from error
    return unquote_plus(client_id), unquote_plus(secret)


def _proves(verifier: str, challenge: str) -> bool:
    """Whether the verifier is the one that the challenge was made from (RFC 7636 section 4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    found = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(found, challenge.encode("ascii"))
