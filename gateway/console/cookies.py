"""The console's cookies: an opaque id each, unreadable to scripts, bound to this origin where there is https."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.types import Scope

COOKIE_HEADER = b"cookie"


@dataclass(frozen=True, slots=True)
class Cookie:
    """One cookie. With https its name carries `__Host-`: no other host and no plain http can set it.

    SameSite is Lax: Strict would withhold the cookie when the provider, another site, sends the browser back.
    """

    base_name: str
    secure: bool
    max_age: int

    @property
    def name(self) -> str:
        """The name that the browser sees."""
        return f"__Host-{self.base_name}" if self.secure else self.base_name

    def read(self, scope: Scope) -> str | None:
        """Its value in a request; None if it is missing, or there twice: one of the two is somebody else's."""
        name = self.name.encode("ascii")
        values = [
            value.strip()
            for header, line in scope["headers"]
            if header == COOKIE_HEADER
            for found, equals, value in (pair.partition(b"=") for pair in line.split(b";"))
            if equals and found.strip() == name
        ]
        return values[0].decode("latin-1") if len(values) == 1 else None

    def write(self, response: Response, value: str) -> None:
        """Sets it."""
        response.set_cookie(
            self.name, value, max_age=self.max_age, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def clear(self, response: Response) -> None:
        """Removes it from the browser."""
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")
