"""The audit log: entries, the store that makes them durable, and reading them."""

from gateway.audit.entry import Entry
from gateway.audit.query import Found, entries, is_linked
from gateway.audit.remote import RemoteLog
from gateway.audit.tokens import Tokeniser, load_key

__all__ = ["Entry", "Found", "RemoteLog", "Tokeniser", "entries", "is_linked", "load_key"]
