"""Answers by gzip, for who takes it."""

from __future__ import annotations

import gzip

import orjson
import pytest

from gateway.edge.compression import SHORTEST, gzipped, takes_gzip
from tests.edge.network import Edge


@pytest.mark.parametrize(
    ("stated", "takes"),
    [
        (b"gzip", True), (b"br, GZIP;q=0.5", True), (b"gzip;q=0", False), (b"gzip; q=0.0, br", False), (b"br", False),
        (b"", False), (b"xgzip", False), (b"identity, gzip ; q=1", True),
    ],
)  # fmt: skip
def test_who_takes_it(stated: bytes, takes: bool) -> None:
    assert takes_gzip(stated) is takes


@pytest.mark.parametrize("size", [10, 40_000, 400_000])
async def test_it_is_the_same_again(size: int) -> None:
    body = orjson.dumps(list(range(size)))
    assert gzip.decompress(await gzipped(body)) == body


async def test_a_long_answer_is_compressed_and_a_short_one_is_not(gateway: Edge) -> None:
    fields = " ".join(f"{'a' * SHORTEST}{number}: __typename" for number in range(3))
    for query, encoding in ((f"{{ {fields} }}", "gzip"), ("{ __typename }", None)):
        answer = await gateway.post(query, headers={"accept-encoding": "gzip"})
        assert answer.headers.get("content-encoding") == encoding
        assert "accept-encoding" in answer.headers["vary"]
        assert answer.json()["data"]
    answer = await gateway.post(f"{{ {fields} }}", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
