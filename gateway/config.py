"""What a gateway is started with: files of JSON, checked as they are read, with errors that say what was expected."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import orjson

from authz.loopback import is_loopback
from gateway.answer_limits import LARGEST, OF_AN_ANSWER, AnswerLimits
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SubgraphConfig:
    """A subgraph: its SDL is in `sdl`, or asked from `url` (`_service`) where that is None.

    `credentials` names the variable of the environment that holds the `Authorization` by which its SDL is downloaded.
    `exceptions` are the fields of other owners (`Type.field`) that it may resolve, as the partnership has agreed.
    `codes` are those of errors, and reasons for withholding, that it may give beyond the standard ones.
    `agencies` are the codes of those whose records it gives: of one, or of all that a hosted service is for; none where
    it is the partnership's own. `pass_messages` is whether its own words
    reach the client where it errs; None leaves that to the gateway. `answers` are the limits of its answers, where they
    are not as is usual.
    """

    name: str
    url: str
    sdl: str | None = None
    agencies: frozenset[str] = frozenset()
    pass_messages: bool | None = None
    codes: frozenset[str] = frozenset()
    exceptions: frozenset[str] = frozenset()
    credentials: str | None = None
    stated_audience: str | None = None
    answers: AnswerLimits | None = None

    @property
    def audience(self) -> str:
        """For whom the gateway's assertions to it are made: its agency's code, or what the configuration states."""
        return self.stated_audience or self.agency or self.name.upper()

    @property
    def agency(self) -> str | None:
        """The code of the agency whose it is, where it is one agency's."""
        return next(iter(self.agencies)) if len(self.agencies) == 1 else None


_CODE: Final = re.compile(r"[A-Z][A-Z_]{0,63}")
_COORDINATE: Final = re.compile(r"\w+\.\w+", re.ASCII)


def refuse_plain_http(url: str, whose: str) -> None:
    """Raise `ConfigError` for an address off this machine at which everything would cross the network in the clear."""
    parts = urlsplit(url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ConfigError(f"{whose} is at `http://{parts.hostname}`: give an `https` address (or --insecure-http)")


def read_text(path: Path) -> str:
    """A file's text; raises `ConfigError` that names the file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"`{path}` can't be read: {type(error).__name__}") from error


def read_issuers(path: Path, audience: str) -> list[tuple[str, str, Path | None, frozenset[str]]]:
    """A JSON list of `{issuer, agencies, audience?, profile?}`: issuer, audience, the file of a profile beside this,
    and the agencies whose people it speaks of, each of one issuer only.
    """
    try:
        payload = orjson.loads(read_text(path))
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"`{path}` is not JSON: line {error.lineno}, column {error.colno}") from error
    found: list[tuple[str, str, Path | None, frozenset[str]]] = []
    for item in payload if isinstance(payload, list) else [payload]:
        stated = item if isinstance(item, dict) else {}
        texts = [stated.get("issuer"), stated.get("audience", audience), stated.get("profile", "")]
        known = set(stated) <= {"issuer", "agencies", "audience", "profile"}
        if not known or not texts[0] or not all(isinstance(text, str) for text in texts):
            said = "`issuer`, `agencies`, `audience` and `profile`"
            raise ConfigError(f"`{path}` is a JSON list of issuers, each with {said}")
        agencies = stated.get("agencies")
        if not isinstance(agencies, list) or not agencies or not all(isinstance(each, str) for each in agencies):
            raise ConfigError(f"`{path}`: `{texts[0]}` has `agencies`, the codes of those whose people it speaks of")
        if any(set(agencies) & earlier for *_, earlier in found):
            raise ConfigError(f"`{path}`: of an agency's people one issuer speaks, and no other")
        profile = path.parent / str(texts[2]) if texts[2] else None
        found.append((str(texts[0]), str(texts[1]), profile, frozenset(agencies)))
    return found


def read_subgraphs(path: Path) -> tuple[SubgraphConfig, ...]:
    """A JSON list of subgraphs: each has a `name` and a `url`, and may have `sdl`, `file`, `agency`, `agencies`,
    `messages`, `codes`, `exceptions`, `credentials`, `audience` and `answers`.

    `sdl` is text, `file` the name of a file beside this one. `agencies` are the codes of all whose records a hosted
    service gives. `messages` is `pass` or `mask`; `codes` are those of errors and reasons that reach clients
    beyond the standard ones; `exceptions` the fields of other owners that it may resolve;
    `credentials` the environment's variable with the `Authorization` for downloading its SDL; `audience` for whom the
    gateway's assertions are made, where that is not its one agency, nor its name in capitals. `answers` are the limits
    of one answer: `bytes`, `objects` and `values`; a larger one is decoded in pieces, and taken whole or not at all.
    """
    try:
        payload = orjson.loads(read_text(path))
    except orjson.JSONDecodeError as error:
        raise ConfigError(f"`{path}` is not JSON: line {error.lineno}, column {error.colno}") from error
    if isinstance(payload, dict):
        payload = payload.get("subgraphs")
    if not isinstance(payload, list) or not payload:
        raise ConfigError(f"`{path}` is a JSON list of subgraphs, each with `name` and `url`")
    found = tuple(_subgraph(item, path) for item in payload)
    names = [subgraph.name for subgraph in found]
    if len(set(names)) != len(names):
        raise ConfigError(f"`{path}` names a subgraph twice")
    return found


def _subgraph(item: object, path: Path) -> SubgraphConfig:
    if not isinstance(item, dict):
        raise ConfigError(f"`{path}`: each subgraph is an object with `name` and `url`")
    texts: dict[str, str | None] = {}
    for name in ("name", "url", "sdl", "file", "agency", "messages", "credentials", "audience"):
        value = item.get(name)
        if value is not None and not isinstance(value, str):
            raise ConfigError(f"`{path}`: `{name}` of a subgraph is a string")
        texts[name] = value
    if not texts["name"]:
        raise ConfigError(f"`{path}`: a subgraph has no `name`")
    sdl = texts["sdl"]
    if sdl is None and texts["file"] is not None:
        sdl = read_text(path.parent / texts["file"])
    if sdl is None and not texts["url"]:
        raise ConfigError(f"`{path}`: subgraph `{texts['name']}` has neither `url` nor `sdl`")
    messages = texts["messages"]
    if messages not in (None, "pass", "mask"):
        raise ConfigError(f"`{path}`: `messages` of subgraph `{texts['name']}` is `pass` or `mask`")
    passed = None if messages is None else messages == "pass"
    codes = _words(item, "codes", _CODE, texts["name"], path)
    exceptions = _words(item, "exceptions", _COORDINATE, texts["name"], path)
    agencies = _agencies(item, texts, path)
    return SubgraphConfig(
        texts["name"],
        texts["url"] or "",
        sdl,
        agencies,
        passed,
        codes,
        exceptions,
        texts["credentials"],
        texts["audience"],
        _answers(item, texts["name"], path),
    )


def _answers(item: dict[str, object], name: str, path: Path) -> AnswerLimits | None:
    stated = item.get("answers")
    if stated is None:
        return None
    if isinstance(stated, dict) and stated.keys() <= set(AnswerLimits._fields):
        limits = OF_AN_ANSWER._replace(**stated)
        if all(type(found) is int and 0 < found <= most for found, most in zip(limits, LARGEST, strict=True)):
            return limits
    most = ", ".join(f"`{field}` to {most}" for field, most in LARGEST._asdict().items())
    raise ConfigError(f"`{path}`: `answers` of subgraph `{name}` has limits: {most}")


def _words(item: dict[str, object], of: str, form: re.Pattern[str], name: str, path: Path) -> frozenset[str]:
    """A list of words of a form; none where it is absent."""
    words = item.get(of, [])
    if not isinstance(words, list) or not all(isinstance(word, str) and form.fullmatch(word) for word in words):
        such = "NOT_ON_ROLL" if form is _CODE else "Child.holders"
        raise ConfigError(f"`{path}`: `{of}` of subgraph `{name}` is a list of words such as `{such}`")
    return frozenset(map(str, words))


def _agencies(item: dict[str, object], texts: dict[str, str | None], path: Path) -> frozenset[str]:
    several = item.get("agencies")
    if several is None:
        return frozenset(filter(None, (texts["agency"],)))
    valid = isinstance(several, list) and several and all(isinstance(code, str) and code for code in several)
    if not valid or texts["agency"] is not None:
        said = "`agencies` of subgraph `{}` is a list of agencies' codes, and stands in place of `agency`"
        raise ConfigError(f"`{path}`: {said.format(texts['name'])}")
    return frozenset(map(str, several if isinstance(several, list) else ()))
