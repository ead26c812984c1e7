"""Running subgraphs asked for their SDL (Federation subgraph specification, `_service`), or why they gave none."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import httpx
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SDL_BYTES: Final = 4 * 1024 * 1024
MAX_WORDS: Final = 200
"""Characters of a subgraph's own error that are told."""

_QUERY: Final = {"query": "{ _service { sdl } }"}
_HEADERS: Final = {"accept-encoding": "identity"}  # a small answer would unpack to a large one


class Wanted(NamedTuple):
    """A subgraph whose SDL is asked for; `authorization` is the header's value, None for none."""

    url: str
    authorization: str | None = None


class Fetched(NamedTuple):
    """What came of asking: the SDL, or in its place `why` there is none, as a person puts it right by."""

    sdl: str | None
    why: str = ""


async def fetch_sdls(wanted: Iterable[Wanted], seconds: float) -> list[Fetched]:
    """Return for each subgraph its SDL, or why there is none; each has so many seconds in all."""
    async with httpx.AsyncClient(timeout=seconds, headers=_HEADERS) as client:
        return await asyncio.gather(*(_fetch(each, client, seconds) for each in wanted))


async def _fetch(wanted: Wanted, client: httpx.AsyncClient, seconds: float) -> Fetched:
    why = _unusable(wanted.url)
    if why is not None:
        return Fetched(None, why)
    try:
        async with asyncio.timeout(seconds):
            return await _service_sdl(wanted, client)
    except (TimeoutError, httpx.TimeoutException):
        return Fetched(None, f"it did not answer within {seconds:g} s")
    except httpx.ConnectError as error:
        return Fetched(None, _unconnected(error))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        if isinstance(error, httpx.RemoteProtocolError) and wanted.url.startswith("http:"):
            return Fetched(None, "it does not speak HTTP there: is the port one for `https`?")
        return Fetched(None, f"the exchange failed: {type(error).__name__}")


def _unusable(url: str) -> str | None:
    """Return why nothing can be asked at an address; None where it can."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return "its `url` is no address"
    if parts.scheme not in ("http", "https"):
        given = f"`{parts.scheme}:`" if "://" in url else "none"
        return f"its `url` needs the scheme `http` or `https`, and has {given}"
    return None if parts.hostname else "its `url` names no host"


def _unconnected(error: httpx.ConnectError) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "TLS failed: is the port one for plain `http`?"
        cause = cause.__cause__ or cause.__context__
    return "nothing answers there: is it running?"


async def _service_sdl(wanted: Wanted, client: httpx.AsyncClient) -> Fetched:
    headers = {"authorization": wanted.authorization} if wanted.authorization else {}
    async with client.stream("POST", wanted.url, json=_QUERY, headers=headers) as answer:
        if answer.is_redirect:
            to = urlsplit(answer.headers.get("location", ""))
            return Fetched(None, f"it redirects ({answer.status_code}) to `{to.scheme}://{to.netloc}`: give that `url`")
        if answer.headers.get("content-encoding", "identity") != "identity":
            return Fetched(None, "its answer is compressed, which was not asked for")
        body = bytearray()
        async for chunk in answer.aiter_raw():
            body += chunk
            if len(body) > MAX_SDL_BYTES:
                return Fetched(None, f"its answer is larger than {MAX_SDL_BYTES:,} bytes")
        return _read(answer, bytes(body))


def _read(answer: httpx.Response, body: bytes) -> Fetched:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        payload = None
    told = _first_error(payload)
    if answer.status_code != httpx.codes.OK or not isinstance(payload, dict):
        kind = answer.headers.get("content-type", "no content type").partition(";")[0]
        denied = answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
        hint = ": give `credentials` for the download" if denied else ""
        return Fetched(None, f"it answered with status {answer.status_code}, {kind}{told}{hint}")
    data = payload.get("data")
    service = data.get("_service") if isinstance(data, dict) else None
    sdl = service.get("sdl") if isinstance(service, dict) else None
    if not isinstance(sdl, str):
        return Fetched(None, f"its answer holds no `_service {{ sdl }}`{told}: is it a Federation subgraph?")
    return Fetched(sdl) if sdl.strip() else Fetched(None, "its SDL is empty")


def _first_error(payload: object) -> str:
    """Return the subgraph's own first error, on one line; "" where it tells none."""
    errors = payload.get("errors") if isinstance(payload, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    message = first.get("message") if isinstance(first, dict) else None
    if not isinstance(message, str):
        return ""
    line = "".join(letter if letter.isprintable() else " " for letter in message)
    return f", saying “{' '.join(line.split())[:MAX_WORDS]}”"
