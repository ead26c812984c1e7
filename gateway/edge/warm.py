"""Planning beforehand what is asked most, so that a new supergraph begins as fast as the old one ended."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from authz.principal import Principal, Role
from gateway.edge.endpoint import fault_of
from gateway.errors import RequestError

if TYPE_CHECKING:
    from gateway.edge.pipeline import Pipeline

MAX_WARMED = 200

log = logging.getLogger("gateway.edge")


async def warm(fresh: Pipeline, known: Pipeline) -> int:
    """Prepare and plan what `known` was asked most, first what was asked most; returns how much of it.

    What the new schema does not take any more is left to whoever asks for it.
    """
    used = sorted(known.preparer.plans.kept.entries(), key=lambda item: item[1].uses, reverse=True)
    documents = known.preparer.documents.kept.entries()
    read = {prepared.plan_id: prepared for _, prepared in documents if prepared.template is None}
    done = 0
    for (operation, _, profile), _ in used[:MAX_WARMED]:
        prepared = read.get(operation)
        if prepared is None:  # it has had to go meanwhile, or can't be read again without values
            continue
        principal = None
        if profile is not None:
            roles = tuple(Role(role) for role in profile.roles)
            principal = Principal("", "", "", roles, profile.agency, scopes=profile.scopes)
        try:
            again = await fresh.preparer.documents.prepare(prepared.text, prepared.operation_name)
            if profile is None:
                await fresh.preparer.plan(again, principal, None)
                continue
            extra = {"break_glass": profile.break_glass, "claimed": profile.claimed}
            await fresh.preparer.plan(again, principal, profile.purpose, **extra)
        except RequestError:
            continue
        except Exception as error:
            log.error("what was asked most can't be planned: %s", fault_of(error))
            continue
        done += 1
    return done
