"""Answers again what real subgraphs have answered once: `python -m tests.load.replay PORT URL...`.

Each subgraph is under its number among the URLs. So the gateway is measured over real answers, and not the agencies'
databases.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import httpx
import uvicorn
from starlette.types import Receive, Scope, Send


class Replay:
    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._client = httpx.AsyncClient(timeout=30.0)
        self._known: dict[tuple[str, bytes], bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        slot = (scope["path"], body)
        answer = self._known.get(slot)
        if answer is None and body:
            url = self._urls[int(scope["path"].strip("/"))]
            response = await self._client.post(url, content=body, headers={"content-type": "application/json"})
            answer = self._known[slot] = response.content
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer or b"")).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer or b""})


if __name__ == "__main__":
    uvicorn.run(Replay(sys.argv[2:]), port=int(sys.argv[1]), log_level="warning", http="httptools", lifespan="off")
