"""Addresses off this machine are not asked in the clear."""

from __future__ import annotations

import pytest

from authz.loopback import is_loopback
from gateway.config import refuse_plain_http
from gateway.errors import ConfigError


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_this_machine_is_known(host: str) -> None:
    assert is_loopback(host)
    refuse_plain_http(f"http://{host if ':' not in host or '[' in host else f'[{host}]'}:4000/x", "`a`")


@pytest.mark.parametrize(
    "host", ["", "police.example", "10.0.0.1", "192.168.1.1", "localhost.example", "10.127.0.1", "[::]"]
)
def test_no_other_is_taken_for_it(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("url", ["http://police.example/graphql", "http://10.0.0.1:4000/", "http://[2001:db8::1]/"])
def test_off_this_machine_plain_http_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match=r"`police` is at `http://.*give an `https` address \(or --insecure-http\)"):
        refuse_plain_http(url, "`police`")
    refuse_plain_http(url.replace("http:", "https:"), "`police`")
