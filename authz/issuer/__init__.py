"""A small OpenID Connect issuer for development and tests: anyone who can reach it may sign in as anyone.

It therefore refuses to start on anything but the loopback interface, keeps its signing keys in memory only, and answers
loopback callers only. A real partnership signs in with its own identity provider.

    python -m authz.issuer --people people.json --clients clients.json

In a test, `create_app(Settings(...))` is the same issuer as an ASGI application.
"""

from authz.issuer.app import create_app
from authz.issuer.people import Client, Person
from authz.issuer.settings import Settings

__all__ = ["Client", "Person", "Settings", "create_app"]
