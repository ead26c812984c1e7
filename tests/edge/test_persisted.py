"""Documents by their hash: trusted ones, and those that clients have sent."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.edge import PersistedDocuments, persisted, read_trusted
from gateway.errors import ConfigError, RequestError
from tests.edge.network import NHS, Edge

TEXT = "query($n: String!) { child(nhsNumber: $n) { surname } }"


def hash_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def code(documents: PersistedDocuments, text: str | None, hash_: str | None) -> str:
    with pytest.raises(RequestError) as caught:  # noqa: PT011 - what it says is looked at
        documents.resolve(text, hash_)
    return caught.value.problems[0].code


def test_a_document_is_sent_once_and_then_named() -> None:
    documents = PersistedDocuments()
    assert code(documents, None, hash_of(TEXT)) == "PERSISTED_QUERY_NOT_FOUND"
    assert documents.resolve(TEXT, hash_of(TEXT)) == TEXT
    assert documents.resolve(None, hash_of(TEXT)) == TEXT
    assert documents.resolve("{ other }", None) == "{ other }"
    assert code(documents, "{ other }", hash_of(TEXT)) == "BAD_REQUEST"
    assert documents.resolve(None, hash_of(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{ child(nhsNumber: "9990000018") { surname } }', False),
        ('{ a(b: ["x"]) }', False),
        ("{ child(id: 9990000018) { surname } }", False),
        ("{ child(id: -12345) { surname } }", False),
        ("{ a12345(first: 1000, of: true, by: NAME) }", False),
        ("{ a(first: 1000) } # about 9990000018", False),
        ("{ a1234(first: 1000, of: true, by: NAME) }", True),
        (TEXT, True),
    ],
)
def test_nothing_is_kept_that_would_tell_what_somebody_asked_for(text: str, kept: bool) -> None:
    documents = PersistedDocuments()
    assert documents.resolve(text, hash_of(text)) == text
    if kept:
        assert documents.resolve(None, hash_of(text)) == text
    else:
        assert code(documents, None, hash_of(text)) == "PERSISTED_QUERY_NOT_FOUND"
    trusted = PersistedDocuments({hash_of(text): text})
    assert trusted.resolve(None, hash_of(text)) == text, "what an operator lists is everyone's"


def test_only_trusted_documents_are_taken_where_it_is_said() -> None:
    documents = PersistedDocuments({hash_of(TEXT): TEXT}, only=True)
    assert documents.resolve(None, hash_of(TEXT)) == documents.resolve(TEXT, None) == TEXT
    assert documents.resolve(TEXT, hash_of(TEXT)) == TEXT
    assert code(documents, "{ other }", None) == "DOCUMENT_NOT_TRUSTED"
    assert code(documents, "{ other }", hash_of("{ other }")) == "DOCUMENT_NOT_TRUSTED"
    assert code(documents, None, hash_of("{ other }")) == "PERSISTED_QUERY_NOT_FOUND"


def test_what_clients_send_is_bounded_and_never_pushes_out_what_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(persisted, "MAX_KEPT", 10)
    documents = PersistedDocuments({hash_of(TEXT): TEXT})
    for number in range(100):
        documents.resolve(f"{{ a{number} }}", hash_of(f"{{ a{number} }}"))
    assert len(documents) == 11
    assert documents.resolve(None, hash_of(TEXT)) == TEXT


@pytest.mark.parametrize("manifest", [False, True])
def test_a_list_is_read_and_checked(tmp_path: Path, manifest: bool) -> None:
    path = tmp_path / "trusted.json"
    listed = {"operations": [{"id": hash_of(TEXT), "body": TEXT}]} if manifest else {hash_of(TEXT): TEXT}
    path.write_text(json.dumps(listed))
    assert read_trusted(path) == {hash_of(TEXT): TEXT}


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"operations": []}', '{"abc": "{ a }"}', '{"operations": [{}]}'])
def test_a_list_that_is_none_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "trusted.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=r"is not JSON|is a JSON object of texts|is not the SHA-256"):
        read_trusted(path)


async def test_over_http(gateway: Edge) -> None:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hash_of(TEXT)}}
    for query, found in ((None, False), (TEXT, True), (None, True)):
        answer = (await gateway.post(query, variables={"n": NHS}, extensions=extensions)).json()
        if found:
            assert answer["data"]["child"]["surname"]
        else:
            assert answer["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert [entry.outcome for entry in gateway.log.entries] == ["REFUSED", "ANSWERED", "ANSWERED"]
    assert gateway.log.entries[1].operation == gateway.log.entries[2].operation != ""


@pytest.mark.parametrize("stated", [7, {}, {"version": 2, "sha256Hash": "0" * 64}, {"version": 1, "sha256Hash": "x"}])
async def test_a_name_that_is_none_is_refused(gateway: Edge, stated: object) -> None:
    answer = await gateway.post(None, extensions={"persistedQuery": stated})
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
