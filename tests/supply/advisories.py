"""What is known against the releases that are pinned: withdrawn ones (PEP 592) and published advisories.

Both come from the package index: withdrawn releases from its simple pages (PEP 691), advisories from its JSON pages, as
PyPI serves them out of the Open Source Vulnerabilities database. A mirror may have the first and not the second.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import httpx
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

ROOT: Final = Path(__file__).parents[2]
LOCKS: Final = ("requirements.lock", "requirements-test.lock", "requirements-build.lock")
ACCEPTED: Final = Path(__file__).with_name("accepted.txt")
SIMPLE: Final = "application/vnd.pypi.simple.v1+json"
AT_ONCE: Final = 8
SECONDS: Final = 60.0
"""How long the index is waited for, for all releases together."""
_PINNED: Final = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z,]+\])?==([^ ;\\]+)", re.MULTILINE)
_NOT_FOUND: Final = 404


class Finding(NamedTuple):
    """Something against a release. `id` is the advisory's, or `yanked`."""

    name: str
    version: str
    id: str
    why: str


class Looked(NamedTuple):
    """What was found, and the releases of which withdrawals or advisories could not be learnt."""

    findings: list[Finding]
    no_releases: list[str]
    no_advisories: list[str]


def pinned(folder: Path = ROOT) -> dict[str, str]:
    """Return all releases that the locks name."""
    return {name: version for lock in LOCKS for name, version in _PINNED.findall((folder / lock).read_text())}


def accepted(text: str, today: dt.date) -> frozenset[str]:
    """Return the ids of advisories that are accepted until a day that is not over: `ID DAY reason`, one a line."""
    found = set()
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            id_, day, reason = (*line.split(maxsplit=2), "", "")[:3]
            if not reason:
                raise ValueError(f"`{line}` is no line of `ID DAY reason`")
            if dt.date.fromisoformat(day) >= today:
                found.add(id_)
    return frozenset(found)


async def look(client: httpx.AsyncClient, pins: Mapping[str, str], known: frozenset[str] = frozenset()) -> Looked:
    """Return what an index says against these releases, but for the advisories that are known."""
    looked = Looked([], [], [])
    turn = asyncio.Semaphore(AT_ONCE)

    async def of_one(name: str, version: str) -> None:
        async with turn:
            page = await _page(client, f"/simple/{name}/", SIMPLE)
            if page is None:
                looked.no_releases.append(name)
            else:
                files = [each for each in page.get("files", ()) if _version(str(each.get("filename"))) == version]
                if not files:  # the index is not where it came from
                    looked.no_releases.append(name)
                looked.findings.extend(_withdrawn(name, version, files))
            page = await _page(client, f"/pypi/{name}/{version}/json", "application/json")
            if page is None:
                looked.no_advisories.append(name)
            else:
                found = _advisories(name, version, page)
                looked.findings.extend(each for each in found if each.id not in known)

    asked = {name: asyncio.ensure_future(of_one(name, version)) for name, version in sorted(pins.items())}
    await asyncio.wait(asked.values(), timeout=SECONDS)
    for name, task in asked.items():
        if task.done():
            task.result()
            continue
        task.cancel()
        if name not in looked.no_advisories:
            looked.no_advisories.append(name)
    return looked


async def _page(client: httpx.AsyncClient, path: str, media_type: str) -> dict[str, Any] | None:
    """A page of JSON, None where there is none."""
    try:
        response = await client.get(path, headers={"accept": media_type})
        if response.status_code == _NOT_FOUND:
            return None
        found = response.raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _withdrawn(name: str, version: str, files: Iterable[Mapping[str, Any]]) -> Iterable[Finding]:
    marks = [each.get("yanked", False) for each in files]
    if marks and all(marks):
        why = next((mark for mark in marks if isinstance(mark, str)), "no reason is given")
        yield Finding(name, version, "yanked", why)


def _version(filename: str) -> str | None:
    try:
        if filename.endswith(".whl"):
            return str(parse_wheel_filename(filename)[1])
        return str(parse_sdist_filename(filename)[1])
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _advisories(name: str, version: str, page: Mapping[str, Any]) -> Iterable[Finding]:
    for each in page.get("vulnerabilities") or ():
        if not each.get("withdrawn"):
            fixed = ", ".join(each.get("fixed_in") or ()) or "no release yet"
            yield Finding(name, version, str(each["id"]), f"{each.get('summary') or 'no summary'} (fixed in {fixed})")
