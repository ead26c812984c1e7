"""The audit log: entries, the store that makes them durable, and reading them.

What auditors ask by GraphQL is `gateway.audit.auditors`: the log's writer does without it, and is up sooner.
"""

from gateway.audit.cases import CaseFiles
from gateway.audit.entry import Entry
from gateway.audit.questions import Count, Found, Page, Question, Questions
from gateway.audit.remote import RemoteLog
from gateway.audit.schema import NAME, SDL, URL
from gateway.audit.sealing import Sealer
from gateway.audit.tokens import MAX_IDENTIFIERS, Tokeniser, load_key, load_tokeniser

__all__ = [
    "MAX_IDENTIFIERS",
    "NAME",
    "SDL",
    "URL",
    "CaseFiles",
    "Count",
    "Entry",
    "Found",
    "Page",
    "Question",
    "Questions",
    "RemoteLog",
    "Sealer",
    "Tokeniser",
    "load_key",
    "load_tokeniser",
]
