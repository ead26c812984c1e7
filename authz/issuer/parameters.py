"""Request parameters, bounded, each at most once (RFC 6749 section 3.1)."""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from starlette.requests import Request

from authz.issuer.errors import ProtocolError

BODY_BYTES = 16 * 1024
PARAMETERS = 32


async def form_parameters(request: Request) -> dict[str, str]:
    """The parameters of an `application/x-www-form-urlencoded` body. Raises `ProtocolError`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise ProtocolError("invalid_request", "expected an `application/x-www-form-urlencoded` body")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise ProtocolError("invalid_request", f"expected a body of at most {BODY_BYTES} bytes", status=413)
    try:
        return once(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=PARAMETERS))
    except ValueError as error:
        raise ProtocolError("invalid_request", "the body isn't a form in UTF-8") from error


def once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters by name, those without a value left out. Raises `ProtocolError` where one is repeated."""
    parameters: dict[str, str] = {}
    for name, value in pairs:
        if name in parameters:
            raise ProtocolError("invalid_request", "a parameter is repeated")
        parameters[name] = value
    return {name: value for name, value in parameters.items() if value}
