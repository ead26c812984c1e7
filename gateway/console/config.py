"""What the console is configured with."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from authz.loopback import is_loopback

CALLBACK_PATH = "/auth/callback"


@dataclass(frozen=True, slots=True)
class ConsoleConfig:
    """Raises `ValueError` where the console couldn't be served safely.

    `issuer` is the OpenID provider's identifier; a `client_secret` of None makes the console a public client.
    `base_url` is the origin that browsers reach the gateway by: https, or http on loopback for development.
    `scope` is asked for at sign-in and must hold `openid`. `default_query` is what GraphiQL opens with.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    base_url: str
    scope: str
    default_query: str

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in {"http", "https"} or parts.hostname is None or self.base_url != self.origin:
            raise ValueError("expected a console `base_url` such as `https://gateway.example`, without a path")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("expected a console `base_url` with https: http is for loopback only")
        if "openid" not in self.scope.split():
            raise ValueError("expected `openid` in the console's `scope`")

    @property
    def origin(self) -> str:
        """Scheme, host and port of `base_url`."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def secure(self) -> bool:
        """Whether browsers reach the console over https."""
        return self.base_url.startswith("https://")

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser back to; registered there exactly so."""
        return self.base_url + CALLBACK_PATH
