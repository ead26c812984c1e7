"""How an issuer's tokens are read: its types of token, its clients, and its claims -> the parts of a principal.

Providers agree on `iss`, `sub`, `aud` and `exp`, and on little else: Keycloak nests roles in `realm_access`, Entra ID
says `scp` and `azp`, NHS CIS2 lists role codes with the organisation of each. All of that is configuration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from authz.errors import ProviderError
from authz.principal import Principal, Purpose, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_VALUES = 200
"""Values of one claim that are looked at."""


@dataclass(frozen=True, slots=True)
class TokenProfile:
    """Where each part is: names of claims with dots between them (`realm_access.roles`), which lead through lists.

    The first of several paths that leads to something counts. `role_of` and `agency_of` are our words for theirs; a
    value that they do not name stands for itself. `types` are the values of a token's `typ` (RFC 9068, section 2.1, has
    `at+jwt`; others are taken only where it is said). `clients`, where there are any, are those whose tokens are taken.
    """

    types: tuple[str, ...] = ("at+jwt", "application/at+jwt")
    clients: tuple[str, ...] = ()
    roles: tuple[str, ...] = ("roles",)
    scopes: tuple[str, ...] = ("scope",)
    client: tuple[str, ...] = ("client_id", "azp")
    agency: tuple[str, ...] = ("agency",)
    team: tuple[str, ...] = ("team",)
    registration: tuple[str, ...] = ("registration",)
    purpose: tuple[str, ...] = ("purpose",)
    family_name: tuple[str, ...] = ("family_name",)
    role_of: Mapping[str, str] = field(default_factory=dict)
    agency_of: Mapping[str, str] = field(default_factory=dict)

    def principal(self, claims: Mapping[str, object]) -> Principal:
        """The principal that verified claims speak of."""
        roles = {self.role_of.get(value, value) for value in _texts(claims, self.roles)}
        agency = _text(claims, self.agency)
        purpose = _text(claims, self.purpose)
        return Principal(
            subject=str(claims["sub"]),
            issuer=str(claims["iss"]),
            client=_text(claims, self.client),
            roles=tuple(role for role in Role if role.value in roles),
            agency=self.agency_of.get(agency, agency),
            team=_text(claims, self.team),
            registration=_text(claims, self.registration),
            scopes=frozenset(part for text in _texts(claims, self.scopes) for part in text.split()),
            purpose=next((known for known in Purpose if known.value == purpose), None),
            family_name=_text(claims, self.family_name),
        )


def read_profile(path: Path) -> TokenProfile:
    """A JSON object with the parts of a `TokenProfile`; a path may stand alone.

    Raises `ProviderError` where it is none, or names a role that is not ours.
    """
    try:
        stated = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ProviderError(f"the issuer's profile can't be read: {type(error).__name__}") from error
    if not isinstance(stated, dict) or not set(stated) <= set(TokenProfile.__slots__):
        raise ProviderError(f"the issuer's profile is a JSON object of {', '.join(TokenProfile.__slots__)}")
    parts: dict[str, object] = {}
    for name, value in stated.items():
        if name.endswith("_of"):
            parts[name] = _words(name, value)
        elif isinstance(value, str) or (isinstance(value, list) and value and all(isinstance(v, str) for v in value)):
            parts[name] = (value,) if isinstance(value, str) else tuple(value)
        else:
            raise ProviderError(f"`{name}` is a text, or a list of them")
    found = TokenProfile(**parts)  # type: ignore[arg-type] # as just checked
    unknown = set(found.role_of.values()) - {role.value for role in Role}
    if unknown:
        raise ProviderError(f"`role_of` gives {', '.join(sorted(unknown))}: roles are {', '.join(Role)}")
    return found


def _words(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(word, str) for word in value.values()):
        raise ProviderError(f"`{name}` is an object of our words by theirs")
    return value


def _texts(claims: Mapping[str, object], paths: tuple[str, ...]) -> list[str]:
    """The texts at the first path that leads to any."""
    for path in paths:
        found = [value for value in _values(claims, path.split(".")) if isinstance(value, str)][:MAX_VALUES]
        if found:
            return found
    return []


def _text(claims: Mapping[str, object], paths: tuple[str, ...]) -> str:
    """The one text there; "" where there is none, or where it could be one or another."""
    found = set(_texts(claims, paths))
    return found.pop() if len(found) == 1 else ""


def _values(value: object, path: list[str]) -> Iterator[object]:
    """What stands at a path; a list stands for each of its items."""
    if isinstance(value, list):
        for item in value[:MAX_VALUES]:
            if not isinstance(item, list):
                yield from _values(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        whole = ".".join(path)
        if whole in value:  # a claim whose name has dots, as those that are URLs have
            yield from _values(value[whole], [])
        elif path[0] in value:
            yield from _values(value[path[0]], path[1:])
