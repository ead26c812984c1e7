"""`python -m tests.supply`: ends with status 1 where something is known against a release that is pinned."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys

import click
import httpx

from tests.supply.advisories import ACCEPTED, Looked, accepted, look, pinned


async def main() -> int:
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").removesuffix("/").removesuffix("/simple")
    known = accepted(ACCEPTED.read_text(), dt.datetime.now(dt.UTC).date())
    pins = pinned()
    async with httpx.AsyncClient(base_url=index, timeout=30.0, follow_redirects=True) as client:
        found = await look(client, pins, known)
    for each in found.findings:
        click.echo(f"{each.name} {each.version}: {each.id}: {each.why}")
    click.echo(said(found, len(pins)))
    return 1 if found.findings else 0


def said(found: Looked, count: int) -> str:
    """What was looked at, and what could not be."""
    of = f"{count} releases: {len(found.findings)} findings"
    missing = {"withdrawals": len(found.no_releases), "advisories": len(found.no_advisories)}
    parts = [f"{what} of {number} could not be learnt from this index" for what, number in missing.items() if number]
    return "; ".join([of, *parts])


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
