"""What the issuer is started with."""

from dataclasses import dataclass

from authz.issuer.errors import NotLoopbackError, SettingsError
from authz.issuer.people import Client, Person
from authz.loopback import is_loopback

LONGEST_TOKEN_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Settings:
    """The issuer's settings; raises `SettingsError` where they can't be served.

    `token_seconds` is the life of an access token and of an ID token. `audience` is the `aud` of access tokens.
    """

    people: tuple[Person, ...]
    clients: tuple[Client, ...]
    host: str = "127.0.0.1"
    port: int = 9000
    audience: str = "cps"
    token_seconds: int = 3600

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise NotLoopbackError(
                f"the development issuer only listens on loopback, found host `{self.host}`: anyone who reaches it "
                "can sign in as anyone; use `127.0.0.1`, `::1` or `localhost`"
            )
        if not 0 < self.token_seconds <= LONGEST_TOKEN_SECONDS:
            raise SettingsError(
                f"expected token seconds between 1 and {LONGEST_TOKEN_SECONDS}, found {self.token_seconds}"
            )
        if len({person.sub for person in self.people}) < len(self.people):
            raise SettingsError("two people have the same `sub`: make each unique")
        if len({client.client_id for client in self.clients}) < len(self.clients):
            raise SettingsError("two clients have the same `client_id`: make each unique")

    @property
    def issuer(self) -> str:
        """The issuer's identifier and base address (OpenID Connect Discovery section 3)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def person(self, sub: str) -> Person | None:
        """The person with this subject identifier."""
        return next((person for person in self.people if person.sub == sub), None)

    def client(self, client_id: str) -> Client | None:
        """The client with this identifier."""
        return next((client for client in self.clients if client.client_id == client_id), None)
