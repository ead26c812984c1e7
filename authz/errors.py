"""The errors of access.

AccessError
├── TokenError        a token that does not verify; the message is safe to send
├── ProviderError     an identity provider that does not answer as it should
├── PolicyError       policies that can't be loaded
├── KeyFileError      a key's file that is not there, or can't be used
└── FactsError        what is known of a child can't be read: nobody then has any standing with them
"""

from __future__ import annotations


class AccessError(Exception):
    """The root of the tree."""


class TokenError(AccessError):
    """A token that is refused. The message says what was expected, and never holds any of the token."""


class ProviderError(AccessError):
    """The identity provider can't be reached, or its metadata breaks OpenID Connect Discovery 1.0."""


class PolicyError(AccessError):
    """A policy's text does not parse, or does not fit the Cedar schema."""


class FactsError(AccessError):
    """What the partnership's index says of a child is not as it should be."""


class KeyFileError(AccessError):
    """The file of a key is missing, unreadable, or readable by too many."""
