"""The console's pages, rendered with everything escaped."""

from typing import NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from gateway.console.sessions import Session

GRAPHQL_PATH = "/graphql"


class PurposeOption(NamedTuple):
    """A purpose that a query can state, and its full words."""

    code: str
    words: str


PURPOSES = (
    PurposeOption("TRIAGE", "Triage: a contact or referral not yet decided"),
    PurposeOption("EH", "Early help"),
    PurposeOption("CIN", "Child in need (section 17)"),
    PurposeOption("S47", "Section 47 enquiry"),
    PurposeOption("CPP", "Child on a protection plan"),
    PurposeOption("EMERG", "Emergency protection (section 44 or 46)"),
    PurposeOption("SCHOOL", "Safeguarding duty in school"),
    PurposeOption("AUDIT", "Audit"),
)

_PAGES = Environment(
    loader=PackageLoader("gateway.console"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def console(session: Session | None, default_query: str) -> HTMLResponse:
    """The console, or an invitation to sign in."""
    return HTMLResponse(
        _PAGES.get_template("console.html").render(
            session=session, purposes=PURPOSES, default_query=default_query, endpoint=GRAPHQL_PATH
        )
    )


def failure(status: int, title: str, message: str) -> HTMLResponse:
    """A sign-in that did not come about, and the way to another."""
    return HTMLResponse(_PAGES.get_template("failure.html").render(title=title, message=message), status_code=status)
