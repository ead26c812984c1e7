"""Which hosts are this machine: what is sent to them crosses no network, and who is not on it can't reach them."""

from __future__ import annotations

import ipaddress


def is_loopback(host: str) -> bool:
    """Return whether a host, by `localhost` or by an IP address with or without brackets, is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False
