"""Bad requests: the status, the headers, and an error that says what was expected."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest

from gateway.edge import GraphQLEndpoint
from gateway.operations import Limits
from tests.edge.network import NHS, QUERY, Edge

MODERN = "application/graphql-response+json"
LEGACY = "application/json"


def code_of(body: bytes) -> str:
    """The one error's code, of an answer that has no data."""
    payload = orjson.loads(body)
    assert set(payload) == {"errors"}
    (error,) = payload["errors"]
    assert error["message"]
    assert "Traceback" not in body.decode()
    code = error["extensions"]["code"]
    assert isinstance(code, str)
    return code


@pytest.mark.parametrize(
    ("body", "code", "says"),
    [
        (b"", "BAD_REQUEST", "not JSON"),
        (b"{", "BAD_REQUEST", "not JSON: line 1"),
        (b'{"query": "{agencies}",}', "BAD_REQUEST", "not JSON"),
        (b'{"query": "\xff"}', "BAD_REQUEST", "not JSON"),
        (b'{"query": "\\ud800"}', "BAD_REQUEST", "not JSON"),
        (b'{"query": NaN}', "BAD_REQUEST", "not JSON"),
        (b"[" * 5000, "BAD_REQUEST", "not JSON"),
        (b"[]", "BAD_REQUEST", "object with `query`"),
        (b"null", "BAD_REQUEST", "object with `query`"),
        (b'[{"query": "{agencies}"}]', "BAD_REQUEST", "object with `query`"),
        (b"{}", "BAD_REQUEST", "`query` is"),
        (b'{"query": null}', "BAD_REQUEST", "`query` is"),
        (b'{"query": 5}', "BAD_REQUEST", "`query` is"),
        (b'{"query": " "}', "BAD_REQUEST", "`query` is"),
        (b'{"query": "{agencies}", "operationName": 5}', "BAD_REQUEST", "`operationName`"),
        (b'{"query": "{agencies}", "variables": []}', "BAD_REQUEST", "`variables`"),
        (b'{"query": "{agencies}", "variables": "{}"}', "BAD_REQUEST", "`variables`"),
        (b'{"query": "{agencies}", "extensions": 1}', "BAD_REQUEST", "`extensions`"),
    ],
)
@pytest.mark.parametrize("accept", [MODERN, LEGACY])
async def test_a_body_that_is_no_request_is_400(gateway: Edge, body: bytes, code: str, says: str, accept: str) -> None:
    answer = await gateway.raw(body, accept=accept)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert code_of(answer.content) == code
    assert says in answer.text
    assert gateway.stub.asked == []
    assert [(entry.outcome, entry.errors) for entry in gateway.log.entries] == [("REFUSED", (code,))]


@pytest.mark.parametrize(
    ("query", "more", "code", "says"),
    [
        ("{ agencies", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("agencies", {}, "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("{ agency }", {}, "GRAPHQL_VALIDATION_FAILED", "Cannot query field"),
        ("{ agencies { code } }", {}, "GRAPHQL_VALIDATION_FAILED", "must not have a selection"),
        ("query A { agencies } query B { agencies }", {}, "OPERATION_RESOLUTION_FAILURE", "`operationName`"),
        ("query A { agencies }", {"operationName": "B"}, "OPERATION_RESOLUTION_FAILURE", "names no operation"),
        ("fragment F on Query { agencies }", {}, "OPERATION_RESOLUTION_FAILURE", "0 operations"),
        ("subscription { agencies }", {}, "SUBSCRIPTIONS_NOT_SERVED", "queries and mutations"),
        ("query($n: String!) { child(nhsNumber: $n) { id } }", {"variables": {}}, "BAD_USER_INPUT", "`String!`"),
        ("query($n: String) { child(nhsNumber: $n) { id } }", {"variables": {"n": {}}}, "BAD_USER_INPUT", "`$n`"),
        ("{" + "a" * 9_000 + "," * 3 + " agencies " * 9_000 + "}", {}, "GRAPHQL_PARSE_FAILED", "tokens"),
    ],
)
@pytest.mark.parametrize(("accept", "status"), [(MODERN, 400), (LEGACY, 200)])
async def test_a_request_that_cannot_be_carried_out(
    gateway: Edge, query: str, more: dict[str, object], code: str, says: str, accept: str, status: int
) -> None:
    """GraphQL over HTTP, section 6.4: the old media type keeps 200 for a well-formed request."""
    answer = await gateway.raw(orjson.dumps({"query": query, **more}), accept=accept)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(accept)
    assert code_of(answer.content) == code
    assert says in answer.text
    assert gateway.stub.asked == []
    assert [(entry.outcome, entry.errors) for entry in gateway.log.entries] == [("REFUSED", (code,))]


async def test_an_error_of_the_text_says_where(gateway: Edge) -> None:
    answer = await gateway.post("{\n  agency\n}")
    assert answer.json()["errors"][0]["locations"] == [{"line": 2, "column": 3}]


async def test_a_refused_value_is_not_in_the_message(gateway: Edge) -> None:
    answer = await gateway.post(QUERY, {"n": ["secret-number"]})
    assert code_of(answer.content) == "BAD_USER_INPUT"
    assert "secret" not in answer.text


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_is_served(gateway: Edge, method: str) -> None:
    answer = await gateway.raw(b'{"query": "{agencies}"}', method)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    assert code_of(answer.content) == "METHOD_NOT_ALLOWED"
    assert gateway.stub.asked == []


async def test_a_query_in_the_address_is_not_carried_out(gateway: Edge) -> None:
    answer = await gateway.client.get("/graphql", params={"query": "{agencies}"})
    assert answer.status_code == 405
    assert gateway.stub.asked == []


@pytest.mark.parametrize(
    "sent",
    ["text/plain", "application/graphql", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""],
)
async def test_other_media_types_are_415(gateway: Edge, sent: str) -> None:
    """So that no form of another site reaches us without our consent (CSRF)."""
    answer = await gateway.raw(b'{"query": "{agencies}"}', content_type=sent)
    assert answer.status_code == 415
    assert code_of(answer.content) == "UNSUPPORTED_MEDIA_TYPE"


@pytest.mark.parametrize(
    "sent", ["application/json", "Application/JSON; charset=utf-8", "application/json ;charset=UTF-8"]
)
async def test_json_is_taken_with_parameters(gateway: Edge, sent: str) -> None:
    answer = await gateway.raw(b'{"query": "{agencies}"}', content_type=sent)
    assert answer.status_code == 200
    assert answer.json()["data"] == {"agencies": ["380", "13"]}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (MODERN, MODERN),
        (f"{MODERN}, {LEGACY};q=0.9", MODERN),
        (MODERN.upper(), MODERN),
        (LEGACY, LEGACY),
        ("*/*", LEGACY),
        ("text/html", LEGACY),
        (f"{MODERN};q=0, {LEGACY}", LEGACY),
    ],
)
async def test_the_answers_media_type(gateway: Edge, accept: str, expected: str) -> None:
    answer = await gateway.post("{ agencies }", accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"


async def test_every_answer_forbids_caching_and_sniffing(gateway: Edge) -> None:
    good, bad, strange = await gateway.post(), await gateway.raw(b"{"), await gateway.post(token="")
    for answer in (good, bad, strange):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert int(answer.headers["content-length"]) == len(answer.content)


class Body:
    """A body in chunks, without a stated length; counts how many were taken."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.taken += 1
            yield chunk


async def chunked(gateway: Edge, body: Body) -> tuple[int, bytes]:
    headers = {"content-type": LEGACY, "authorization": f"Bearer {gateway.token()}"}
    answer = await gateway.client.post("/graphql", headers=headers, content=body)
    return answer.status_code, answer.content


async def test_a_stated_length_over_the_bound_is_413_before_the_body_is_read(gateway: Edge) -> None:
    taken = []

    async def receive() -> dict[str, object]:
        taken.append(1)
        return {"type": "http.request", "body": b"{}"}

    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    transport = gateway.client._transport
    endpoint: GraphQLEndpoint = getattr(transport, "app")  # noqa: B009 - httpx does not declare it
    over = str(Limits().body_bytes + 1).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", over),
        (b"authorization", f"Bearer {gateway.token()}".encode()),
    ]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}
    await endpoint(scope, receive, send)  # type: ignore[arg-type] # plain dicts are what a server sends
    assert sent[0]["status"] == 413
    body = sent[1]["body"]
    assert isinstance(body, bytes)
    assert code_of(body) == "BODY_TOO_LARGE"
    assert str(Limits().body_bytes) in body.decode()
    assert taken == []


async def test_a_chunked_body_over_the_bound_is_413_as_soon_as_it_is_known(gateway: Edge) -> None:
    part = b" " * (64 * 1024)
    status, content = await chunked(gateway, body := Body(*[part] * 50))
    assert status == 413
    assert code_of(content) == "BODY_TOO_LARGE"
    assert body.taken <= 6


async def test_a_body_of_exactly_the_bound_is_taken(gateway: Edge) -> None:
    text = b'{"query": "{agencies}"}'
    whole = text + b" " * (Limits().body_bytes - len(text))
    assert (await gateway.raw(whole)).status_code == 200
    assert (await gateway.raw(whole + b" ")).status_code == 413
    assert (await chunked(gateway, Body(whole[:7], b"", whole[7:])))[0] == 200
    assert (await chunked(gateway, Body(whole[:7], whole[7:], b" ")))[0] == 413


async def test_a_length_that_lies_does_not_pass_the_bound(gateway: Edge) -> None:
    answer = await gateway.raw(b" " * (Limits().body_bytes + 1), content_length="10")
    assert answer.status_code == 413


async def test_a_length_of_five_thousand_digits_is_too_large(gateway: Edge) -> None:
    assert (await gateway.raw(b"{}", content_length="9" * 5_000)).status_code == 413


async def test_a_body_that_breaks_off_is_an_error_for_nobody(gateway: Edge) -> None:
    endpoint: GraphQLEndpoint = getattr(gateway.client._transport, "app")  # noqa: B009 - httpx does not declare it
    messages: list[dict[str, object]] = [
        {"type": "http.request", "body": b'{"query": "{agen', "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {gateway.token()}".encode())]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}
    await endpoint(scope, receive, send)  # type: ignore[arg-type] # plain dicts are what a server sends
    assert sent[0]["status"] == 400
    assert gateway.stub.asked == []


async def test_deep_variables_harm_nobody_else(gateway: Edge) -> None:
    """JSON may be nested further than can be written down again."""
    deep = b'{"query": "{agencies}", "variables": {"x": ' + b"[" * 900 + b"]" * 900 + b"}}"
    assert (await gateway.raw(deep)).status_code == 400
    assert (await gateway.post()).json()["data"]["child"] is not None


@pytest.mark.parametrize(("depth", "status"), [(1, 200), (25, 200), (40, 400), (240, 400), (300, 400)])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
async def test_variables_are_nested_so_deep_and_no_deeper(
    gateway: Edge, depth: int, status: int, opening: bytes, closing: bytes
) -> None:
    nested = opening * depth + b"1" + closing * depth
    body = b'{"query": "query($x: Date) { born(on: $x) }", "variables": {"x": ' + nested + b"}}"
    answer = await gateway.raw(body)
    assert answer.status_code == status
    assert gateway.log.entries[-1].body()
    if status == 400:
        assert code_of(answer.content) == "BAD_REQUEST"
        assert "nested" in answer.text


@pytest.mark.parametrize(
    "value",
    [
        "[" * 300 + "]" * 300,
        "{a: " * 300 + "1" + "}" * 300,
        "9" * 30,
        "-" + "9" * 30,
        "9" * 5_000,
        "1e999",
    ],
)
@pytest.mark.parametrize("field", ["born(on: %s)", "born(weight: %s)", "born(more: [%s])"])
@pytest.mark.parametrize("by", ["literal", "default"])
async def test_a_literal_of_any_form_is_no_fault_of_ours(gateway: Edge, value: str, field: str, by: str) -> None:
    """A custom scalar takes any literal (GraphQL specification, section 3.5.5): the bounds are ours."""
    if by == "default":
        kind = {"born(on: %s)": "Date", "born(weight: %s)": "Float", "born(more: [%s])": "Date"}[field]
        query = "query($v: " + kind + " = " + value + ") { " + field.replace("%s", "$v") + " }"
    else:
        query = "{ " + field.replace("%s", value) + " }"
    answer = await gateway.post(query, {})
    assert answer.status_code == 200
    assert "INTERNAL" not in answer.text
    assert gateway.log.entries[-1].body()


@pytest.mark.parametrize(
    "query",
    [
        "{ child(id: 99999999999999999999999) { id } }",
        "query($v: Boolean!) { child(id: 99999999999999999999999) @include(if: $v) { id } agencies }",
    ],
)
async def test_numbers_past_64_bits_are_no_fault_of_ours(gateway: Edge, query: str) -> None:
    answer = await gateway.post(query, {"v": False})
    assert answer.status_code == 200
    assert gateway.log.entries[-1].body()
    for refused in ({}, {"v": "no"}):
        await gateway.post(query, refused)
        assert gateway.log.entries[-1].body()


async def test_fragments_that_multiply_are_refused(gateway: Edge) -> None:
    bomb = "".join(f"fragment F{n} on Child {{ ...F{n + 1} ...F{n + 1} }} " for n in range(20))
    answer = await gateway.post("{ child { ...F0 } } " + bomb + "fragment F20 on Child { id }", {})
    assert code_of(answer.content) == "OPERATION_TOO_LARGE"
    assert gateway.stub.asked == []


async def test_the_values_of_variables_are_bounded_however_they_are_nested(gateway: Edge) -> None:
    """Each may identify somebody, and becomes a pseudonym before it is written down."""
    for many, refused in (({"n": NHS, "x": [["y"] * 4_990]}, False), ({"n": NHS, "x": [["y"] * 5_000]}, True)):
        answer = (await gateway.post(variables=many)).json()
        assert ("errors" in answer) is refused
    assert gateway.log.entries[-1].outcome == "REFUSED"
    assert gateway.log.entries[-1].errors == ("OPERATION_TOO_LARGE",)
