"""The issuer's two pages: choose whom to sign in as, and an error. No script, no asset, everything escaped."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from jinja2 import DictLoader, Environment, StrictUndefined
from starlette.responses import HTMLResponse

from authz.issuer.people import Person

STYLE = """
:root { color-scheme: light; }
body { margin: 0; background: #f0f4f5; color: #212b32; font: 1.0625rem/1.5 system-ui, sans-serif; }
main { max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
h1 { margin: 0 0 .5rem; font-size: 1.75rem; line-height: 1.2; }
p { margin: 0 0 1.5rem; }
ul { margin: 0; padding: 0; list-style: none; }
li + li { margin-top: .75rem; }
button {
  display: block; width: 100%; padding: .875rem 1.125rem; border: 1px solid #aeb7bd; border-left: .375rem solid #005eb8;
  border-radius: .25rem; background: #fff; color: inherit; font: inherit; text-align: left; cursor: pointer;
}
button:hover { background: #e8f1f8; }
button:focus-visible { outline: .1875rem solid #212b32; outline-offset: .125rem; background: #ffeb3b; }
strong, span { display: block; }
span { color: #4c6272; font-size: .9375rem; }
.note { padding: .75rem 1rem; border-left: .375rem solid #d5281b; background: #fff; }
"""

_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()

_TEMPLATES = {
    "page": """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}{% endblock %} - development sign-in</title>
<style>{{ style }}</style>
</head>
<body><main>{% block main %}{% endblock %}</main></body>
</html>
""",
    "choose": """{% extends "page" %}
{% block title %}Sign in{% endblock %}
{% block main %}
<h1>Sign in to {{ client_id }}</h1>
<p class="note">For development only: anyone here can sign in as anyone, without a password.</p>
<form method="post" action="/authorize">
{% for name, value in parameters %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}
<ul>
{% for person in people %}<li><button name="sub" value="{{ person.sub }}"><strong>{{ person.name }}</strong>
<span>{{ person.roles | map("replace", "_", " ") | join(", ") or "no role" }}, agency {{ person.agency }}
{%- if person.team %}, {{ person.team }}{% endif %}</span></button></li>
{% endfor %}
</ul>
</form>
{% endblock %}""",
    "error": """{% extends "page" %}
{% block title %}Can't sign in{% endblock %}
{% block main %}
<h1>Can't sign in</h1>
<p class="note">{{ message }}</p>
{% endblock %}""",
}

_PAGES = Environment(loader=DictLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined)
_PAGES.globals["style"] = STYLE


def choose_person(
    client_id: str, redirect_uri: str, parameters: Mapping[str, str], people: Sequence[Person]
) -> HTMLResponse:
    """The people to sign in as, a button each; `parameters` travel with the choice and are checked again."""
    # A browser applies form-action to the redirect after the form as well, so the client's origin is in it.
    parts = urlsplit(redirect_uri)
    return _page(
        "choose",
        form_action=f"'self' {parts.scheme}://{parts.netloc}",
        client_id=client_id,
        parameters=list(parameters.items()),
        people=people,
    )


def error(message: str) -> HTMLResponse:
    """A request that can't be answered by a redirect: the client isn't known, or the address isn't the client's."""
    return _page("error", status=400, message=message)


def _page(template: str, *, form_action: str = "'none'", status: int = 200, **values: object) -> HTMLResponse:
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {form_action}; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(_PAGES.get_template(template).render(values), status_code=status, headers=headers)
