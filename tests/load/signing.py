"""An identity provider for load: one key, its published set, and tokens signed beforehand."""

from __future__ import annotations

import time
from pathlib import Path

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

TEAM = "Benchmark"
"""Whose team works with the children that are asked for."""

ALGORITHM = "ES256"
LIFETIME = 24 * 3_600


def serve(port: int, tokens: Path, count: int, audience: str = "cps") -> None:
    """Write `count` tokens, one a line, each of another practitioner; then serve the key that they verify by."""
    key = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    issuer = f"http://127.0.0.1:{port}"
    header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.thumbprint()}
    now = int(time.time())
    common = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME,
        "client_id": "load",
        "scope": "openid cps.read",
        "roles": ["social_worker"],
        "agency": "380",
        "team": TEAM,
        "purpose": "S47",
    }
    lines = (
        jwt.encode(header, {**common, "sub": f"worker-{number}", "jti": str(number)}, key, algorithms=[ALGORITHM])
        for number in range(count)
    )
    tokens.write_text("\n".join(lines) + "\n", encoding="ascii")

    async def metadata(_: Request) -> JSONResponse:
        return JSONResponse({"issuer": issuer, "jwks_uri": f"{issuer}/jwks"})

    async def jwks(_: Request) -> JSONResponse:
        return JSONResponse({"keys": [dict(key.as_dict(private=False))]})

    routes = [Route("/.well-known/openid-configuration", metadata), Route("/jwks", jwks)]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning")
