"""Who may sign in, and the clients that may ask: two JSON files, read strictly.

A misspelt member is an error, not a default: a person who silently lost a role would be debugged elsewhere.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from authz.issuer.errors import FileError

Entry = TypeVar("Entry")


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner to sign in as; `scope` is the most that a token of theirs may carry.

    `registration` is their number with their profession's register, `family_name` the claim of this name.
    """

    sub: str
    name: str
    roles: tuple[str, ...]
    agency: str
    team: str | None = None
    scope: tuple[str, ...] = ()
    registration: str | None = None
    family_name: str | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """A registered client.

    Without a secret it is public: authorization code only. `roles` and `agency` are its own, for client credentials;
    `scope` is the most that it may ask for, `openid` and `profile` aside.
    """

    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    redirect_uris: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    agency: str | None = None
    scope: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.client_secret == "":
            raise ValueError("`client_secret` is empty: leave it out, or null, for a public client")
        for uri in self.redirect_uris:
            parts = urlsplit(uri)
            if parts.scheme not in {"http", "https"} or not parts.netloc or "#" in uri:
                raise ValueError("`redirect_uris` must be absolute http(s) addresses without a fragment")


def load_people(path: Path) -> tuple[Person, ...]:
    """The people in the file, in its order. Raises `FileError`."""
    return _load(path, _person, {"sub", "name", "roles", "agency", "team", "scope", "registration", "family_name"})


def load_clients(path: Path) -> tuple[Client, ...]:
    """The clients in the file, in its order. Raises `FileError`."""
    return _load(path, _client, {"client_id", "client_secret", "redirect_uris", "roles", "agency", "scope"})


def _person(entry: Mapping[str, object]) -> Person:
    return Person(
        sub=_text(entry, "sub"),
        name=_text(entry, "name"),
        roles=_texts(entry, "roles"),
        agency=_text(entry, "agency"),
        team=_optional_text(entry, "team"),
        scope=tuple((_optional_text(entry, "scope") or "").split()),
        registration=_optional_text(entry, "registration"),
        family_name=_optional_text(entry, "family_name"),
    )


def _client(entry: Mapping[str, object]) -> Client:
    return Client(
        client_id=_text(entry, "client_id"),
        client_secret=_optional_text(entry, "client_secret"),
        redirect_uris=_texts(entry, "redirect_uris"),
        roles=_texts(entry, "roles"),
        agency=_optional_text(entry, "agency"),
        scope=tuple((_optional_text(entry, "scope") or "").split()),
    )


def _load(path: Path, read: Callable[[Mapping[str, object]], Entry], known: set[str]) -> tuple[Entry, ...]:
    try:
        entries: object = json.loads(path.read_bytes())
    except OSError as error:
        raise FileError(f"`{path.name}` can't be read: {error.strerror}") from error
    except ValueError as error:
        raise FileError(f"`{path.name}` isn't JSON") from error
    if not isinstance(entries, list):
        raise FileError(f"`{path.name}`: expected a list of objects")
    return tuple(_read(path, index, entry, read, known) for index, entry in enumerate(entries))


def _read(
    path: Path, index: int, entry: object, read: Callable[[Mapping[str, object]], Entry], known: set[str]
) -> Entry:
    if not isinstance(entry, dict):
        raise FileError(f"`{path.name}`, entry {index}: expected an object")
    if unknown := sorted(entry.keys() - known):
        raise FileError(f"`{path.name}`, entry {index}: unknown member `{unknown[0]}`, expected {sorted(known)}")
    try:
        return read(entry)
    except ValueError as error:
        raise FileError(f"`{path.name}`, entry {index}: {error}") from error


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"`{name}` must be a text that isn't empty")
    return value


def _optional_text(entry: Mapping[str, object], name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(f"`{name}` must be a text")
    return value


def _texts(entry: Mapping[str, object], name: str) -> tuple[str, ...]:
    values = entry.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"`{name}` must be a list of texts")
    return tuple(values)
