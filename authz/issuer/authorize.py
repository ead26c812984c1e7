"""`/authorize`: authorization code flow with PKCE (RFC 6749 section 4.1, RFC 7636, OpenID Connect Core section 3.1).

Code only, S256 only, the redirect address exactly as registered. Choosing a person is the whole of signing in, so
the choice is a POST of the same parameters with `sub`, and they are checked again.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from authz.issuer import pages
from authz.issuer.codes import Grant
from authz.issuer.errors import ProtocolError, UntrustedRedirectError
from authz.issuer.parameters import form_parameters, once
from authz.issuer.people import Client, Person
from authz.issuer.tokens import OPENID_SCOPES, Issuer

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_PARAMETERS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
LONGEST_PARAMETER = 2048


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request that is right in every part."""

    client: Client
    redirect_uri: str
    scope: tuple[str, ...]
    nonce: str | None
    code_challenge: str


async def authorize(issuer: Issuer, request: Request) -> Response:
    """Shows the people to sign in as, or completes the sign-in of the one who was chosen."""
    try:
        parameters = await _parameters(request)
        client, redirect_uri = _trusted(issuer, parameters)
    except ProtocolError as error:
        return pages.error(error.description)
    except UntrustedRedirectError as error:
        return pages.error(str(error))
    try:
        wanted = _read(client, redirect_uri, parameters)
        if request.method == "GET" or "sub" not in parameters:
            repeated = {name: parameters[name] for name in _PARAMETERS if name in parameters}
            return pages.choose_person(client.client_id, redirect_uri, repeated, issuer.settings.people)
        answer = {"code": issuer.codes.issue(_grant(wanted, _chosen(issuer, parameters["sub"])))}
    except ProtocolError as error:
        answer = {"error": error.code, "error_description": error.description}
    return _redirect(issuer, redirect_uri, answer, parameters.get("state"))


async def _parameters(request: Request) -> Mapping[str, str]:
    if request.method == "POST":
        parameters = await form_parameters(request)
    else:
        parameters = once(request.query_params.multi_items())
    if any(len(value) > LONGEST_PARAMETER for value in parameters.values()):
        raise ProtocolError("invalid_request", f"a parameter is longer than {LONGEST_PARAMETER} characters")
    return parameters


def _trusted(issuer: Issuer, parameters: Mapping[str, str]) -> tuple[Client, str]:
    """The client and its redirect address, compared exactly: until both are known, nothing is sent to the address."""
    client = issuer.settings.client(parameters.get("client_id", ""))
    if client is None:
        raise UntrustedRedirectError("the client that sent you here isn't registered: check its `client_id`")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in client.redirect_uris:
        raise UntrustedRedirectError(
            "the client that sent you here asks for an answer at an address that isn't registered for it: "
            "check its `redirect_uri`"
        )
    return client, redirect_uri


def _read(client: Client, redirect_uri: str, parameters: Mapping[str, str]) -> AuthorizationRequest:
    if parameters.get("response_type") != "code":
        raise ProtocolError("unsupported_response_type", "expected `response_type` `code`")
    if parameters.get("response_mode", "query") != "query":
        raise ProtocolError("invalid_request", "expected `response_mode` `query`")
    if parameters.get("code_challenge_method") != "S256":
        raise ProtocolError("invalid_request", "expected `code_challenge_method` `S256`")
    challenge = parameters.get("code_challenge", "")
    if not _CHALLENGE.fullmatch(challenge):
        raise ProtocolError("invalid_request", "expected a `code_challenge` of 43 base64url characters")
    if "none" in parameters.get("prompt", "").split():
        raise ProtocolError("login_required", "nobody is signed in here: a person has to be chosen each time")
    scope = tuple(dict.fromkeys(parameters.get("scope", "").split()))
    if unknown := [name for name in scope if name not in (*OPENID_SCOPES, *client.scope)]:
        raise ProtocolError("invalid_scope", f"{len(unknown)} of the scopes are not this client's")
    return AuthorizationRequest(client, redirect_uri, scope, parameters.get("nonce"), challenge)


def _chosen(issuer: Issuer, sub: str) -> Person:
    person = issuer.settings.person(sub)
    if person is None:
        raise ProtocolError("access_denied", "nobody has the chosen `sub`")
    return person


def _grant(wanted: AuthorizationRequest, person: Person) -> Grant:
    """Of the scopes asked for, those this person may have; the token response says which (RFC 6749 section 3.3)."""
    return Grant(
        sub=person.sub,
        client_id=wanted.client.client_id,
        redirect_uri=wanted.redirect_uri,
        code_challenge=wanted.code_challenge,
        scope=tuple(name for name in wanted.scope if name in (*OPENID_SCOPES, *person.scope)),
        nonce=wanted.nonce,
    )


def _redirect(issuer: Issuer, redirect_uri: str, answer: Mapping[str, str], state: str | None) -> RedirectResponse:
    values = {**answer, "iss": issuer.settings.issuer}  # RFC 9207: which issuer answers
    if state is not None:
        values["state"] = state
    joint = "&" if urlsplit(redirect_uri).query else "?"
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(f"{redirect_uri}{joint}{urlencode(values)}", status_code=303, headers=headers)
