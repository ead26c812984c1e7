"""Every exception that the gateway raises, in one tree.

    GatewayError
    ├── ConfigError            a file or an option is wrong: the message is for the operator
    ├── SupergraphError        a supergraph SDL can't be read
    ├── PlanningError          a valid operation has no plan, or its search passed its bound
    ├── RequestError           the client's fault; its message is safe to send
    │   ├── NotAuthenticated   no token, or one that does not verify (401)
    │   └── NotAcceptable      the request's form is wrong (4xx)
    │       └── TooManyRequests    a limit per person is reached (429)
    ├── SubgraphError          an agency did not answer as it should
    ├── CounterUnavailable     what counts the limits per person can't be reached
    └── AuditUnavailable       an entry could not be made durable: no answer may leave (503)

`RequestError.message` may be sent to a client as it stands. Of all the others only the class of the fault leaves the
process; the text goes to the log, and holds no personal data either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class GatewayError(Exception):
    """The root of the tree."""


class ConfigError(GatewayError):
    """A configuration file or a command's option can't be used."""


class SupergraphError(GatewayError):
    """A supergraph SDL breaks the link or join specification."""


class PlanningError(GatewayError):
    """No plan answers the operation, or the search for one passed its bound."""


class AuditUnavailable(GatewayError):
    """The audit log could not take an entry."""


class CounterUnavailable(GatewayError):
    """What counts the limits per person did not answer."""


class SubgraphError(GatewayError):
    """An agency's answer is unusable.

    `reason` is one of UNREACHABLE, DEADLINE, BAD_STATUS, BAD_CONTENT and TOO_LARGE; clients see it.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of a GraphQL response (GraphQL specification, section 7.1.2); safe to send."""

    message: str
    code: str
    path: tuple[str | int, ...] | None = None
    locations: tuple[tuple[int, int], ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()

    def as_json(self) -> dict[str, object]:
        out: dict[str, object] = {"message": self.message}
        if self.locations:
            out["locations"] = [{"line": line, "column": column} for line, column in self.locations]
        if self.path is not None:
            out["path"] = list(self.path)
        out["extensions"] = {"code": self.code, **dict(self.extensions)}
        return out


class RequestError(GatewayError):
    """A request that can't be carried out through its sender's fault; nothing has been executed.

    `status` is the HTTP status for `application/graphql-response+json` (GraphQL over HTTP, section 6.4).
    """

    status = 400

    def __init__(self, problems: Sequence[Problem], status: int | None = None) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = tuple(problems)
        if status is not None:
            self.status = status

    @classmethod
    def of(cls, code: str, message: str, status: int | None = None) -> RequestError:
        return cls([Problem(message, code)], status)


class NotAuthenticated(RequestError):
    """No usable token came with the request (RFC 6750, section 3)."""

    status = 401


class NotAcceptable(RequestError):
    """The HTTP request itself is not one that the endpoint takes."""


class TooManyRequests(NotAcceptable):
    """A limit per person is reached (RFC 6585, section 4); `retry_after` are the seconds until there is room again."""

    status = 429

    def __init__(self, problems: Sequence[Problem], retry_after: int) -> None:
        super().__init__(problems)
        self.retry_after = retry_after
