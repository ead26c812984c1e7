"""Every error of the development issuer.

IssuerError
├── SettingsError           the issuer can't start: the command ends with status 2
│   ├── NotLoopbackError    the host is reachable from elsewhere
│   └── FileError           the people or clients file is not what it should be
├── ProtocolError           an RFC 6749 error: code, description, HTTP status
└── UntrustedRedirectError  the client or its redirect address is unknown: shown to the person, never redirected
"""


class IssuerError(Exception):
    """Root of the issuer's errors."""


class SettingsError(IssuerError):
    """The issuer can't start with these settings."""


class NotLoopbackError(SettingsError):
    """The host is not a loopback address."""


class FileError(SettingsError):
    """The people or clients file is missing, isn't JSON, or has an entry that isn't right."""


class ProtocolError(IssuerError):
    """An error that the protocol defines; safe to show to the client (RFC 6749 sections 4.1.2.1 and 5.2)."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.status = status


class UntrustedRedirectError(IssuerError):
    """The request names an unknown client or an address that isn't the client's (RFC 6749 section 4.1.2.1)."""
