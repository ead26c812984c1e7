"""`cps audit` over a log in PostgreSQL: what is open beside relationships is listed from there, not from a folder."""

from __future__ import annotations

from pathlib import Path

import orjson
from sqlalchemy.engine import make_url

from authz.principal import Purpose
from gateway.access import BreakGlass, ClaimStore
from gateway.access.grants import BreakGlassReason
from gateway.access.selection import Selection
from gateway.audit.store import Store
from gateway.audit.tokens import load_tokeniser
from tests.access.partnership import somebody
from tests.cli.run import Cps
from tests.resolvers.postgres import postgres

CHILD, OTHER = "kQ3vX9pLm2Zt7RbYc5WdNg", "kQ3vX9pLm2Zt7RbYc5WdNh"


async def test_grants_and_claims_of_its_database_are_listed(cps: Cps, tmp_path: Path) -> None:
    tokeniser = load_tokeniser(tmp_path / "audit.key", make=True)
    async with postgres(lambda _: None) as made:
        url = make_url(made).set(drivername="postgresql").render_as_string(hide_password=False)
        Store(url).close()
        doctor = somebody("ae_clinician", "RAE", subject="doctor")
        reason, why = BreakGlassReason.IMMINENT_HARM, "The mother says that he has the other child."
        await BreakGlass(url).grant(doctor, Purpose.S47, CHILD, reason, why, ["13"], "audit-id")
        worker = somebody("social_worker", "380", subject="worker")
        ClaimStore(url).add(worker, Purpose.S47, OTHER, "a reason", (Selection.SAMPLE,), "audit", 3)
        where = ("--data", tmp_path, "--store", url)
        grants, claims = (cps("audit", what, *where) for what in ("break-glass", "claims"))
    (grant,), (claim,) = (tuple(map(orjson.loads, each.out.splitlines())) for each in (grants, claims))
    assert (grant["practitioner"], grant["child"]) == ("doctor", tokeniser.token(CHILD))
    assert (claim["practitioner"], claim["child"]) == ("worker", tokeniser.token(OTHER))
    assert claim["selected"] == ["SAMPLE"]
