"""What can go wrong in a subgraph, in one tree.

    SubgraphError
    ├── DeclarationError        a mapping that can't be right; raised while the subgraph is imported, never at run time
    ├── SourceUnavailable       the database can't be opened
    └── ClientError             its message and `code` are safe to send to the caller
        ├── BadRepresentation   an `_entities` representation that this subgraph can't read
        ├── BadPage             `first` or `after` of a paged list
        ├── BadLookup           a look-up that names no identifier, or more than one
        ├── Withheld            the agency's last word: this row or field is not for whoever asks
        └── RequestRefused      an HTTP request that holds no operation; has the status to answer with

Whatever is not a `ClientError` reaches the caller as `internal error`, code `INTERNAL`, and nothing else.
"""

from typing import ClassVar

from authz.withholding import WithholdingReason


class SubgraphError(Exception):
    """The root of the tree."""


class DeclarationError(SubgraphError):
    """A mapping contradicts itself or the contract with the gateway."""


class SourceUnavailable(SubgraphError):
    """The agency's database can't be opened or read."""


class ClientError(SubgraphError):
    """An error whose message may be sent: it holds no personal data and no internal name."""

    code: str = "BAD_REQUEST"

    @property
    def extensions(self) -> dict[str, str]:
        """What graphql-core copies under `extensions` of the error that it sends."""
        return {"code": self.code}


class BadRepresentation(ClientError):
    """Federation subgraph specification, `_entities`: the representation lacks a key or a required field."""

    code = "BAD_REPRESENTATION"


class BadPage(ClientError):
    """`first` is out of bounds, or `after` names no item of the list."""

    code = "BAD_PAGE"


class BadLookup(ClientError):
    """Not exactly one identifier was given."""

    code = "BAD_LOOKUP"


class Withheld(ClientError):
    """What is there is not told.

    `reason` is a `WithholdingReason`, or a word of the agency's own that it has agreed with the partnership. What is no
    such word could be a value of a record: it is sent as OWNER_WITHHOLDS.
    """

    code = "WITHHELD"

    def __init__(self, reason: str = WithholdingReason.OWNER_WITHHOLDS) -> None:
        super().__init__("the agency withholds this")
        known = reason in set(WithholdingReason) or reason in Withheld.agreed
        self.reason = str(reason) if known else WithholdingReason.OWNER_WITHHOLDS.value

    agreed: ClassVar[set[str]] = set()
    """Reasons beyond the standard ones, which the partnership's configuration of this subgraph names too (`codes`)."""

    @property
    def extensions(self) -> dict[str, str]:
        return {"code": self.code, "reason": self.reason}


class RequestRefused(ClientError):
    """The HTTP request can't be executed."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
