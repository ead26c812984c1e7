"""The headers that every answer of the console carries: no foreign code, no framing, no leaks."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class SecurityHeaders:
    """Plain ASGI middleware. `form_action` is where forms, and redirects that follow them, may go beside this origin.

    Scripts come from this origin only, as files: none inline, no eval. Styles may be inline since the editor writes
    them. Its images are `data:`. Connections go to this origin only: the console can't send what it shows elsewhere.
    """

    def __init__(self, app: ASGIApp, form_action: str) -> None:
        self._app = app
        self._headers = {
            "content-security-policy": (
                "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                f"connect-src 'self'; form-action 'self' {form_action}; base-uri 'none'; frame-ancestors 'none'"
            ),
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Adds the headers to the answer of the application inside."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                # An asset is checked for change each time; a page names a person, and is kept nowhere.
                headers.setdefault("cache-control", "no-cache" if "etag" in headers else "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)
