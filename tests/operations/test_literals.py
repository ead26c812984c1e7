"""Texts without their values: nothing that could name a child is left, and the values come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import RequestError
from gateway.operations import Limits, Template, normalise, place_of, read_document, without_values
from gateway.operations.literals import MOST
from gateway.operations.normalise import Normalised
from tests.operations.schema import supergraph

NHS = "9990000018"


def read(text: str, name: str | None = None) -> Normalised:
    return normalise(read_document(text, name, supergraph().api_schema, Limits()), supergraph())


def template(text: str, name: str | None = None) -> Template:
    document = read_document(text, name, supergraph().api_schema, Limits())
    schema = supergraph().api_schema
    return Template(document, normalise(document, supergraph()), without_values(text), schema)


@pytest.mark.parametrize(
    ("text", "rest", "pattern", "values"),
    [
        ('{ a(b: "x") }', "{ a(b: \0) }", "s0", ('"x"',)),
        ('{ a(b: "x", c: "y", d: "x") }', "{ a(b: \0, c: \0, d: \0) }", "s0 s1 s0", ('"x"', '"y"')),
        ('{ a(b: """x "y" \\""" z""") }', "{ a(b: \0) }", "s0", ('"""x "y" \\""" z"""',)),
        ('{ a(b: "", c: """""") }', "{ a(b: \0, c: \0) }", "s0 s1", ('""', '""""""')),
        ('{ a(b: "x # y \\" z") }', "{ a(b: \0) }", "s0", ('"x # y \\" z"',)),
        (f"{{ a(b: {NHS}) }}", "{ a(b: \0) }", "i0", (NHS,)),
        (f"{{ a(b: [{NHS} -{NHS}]) }}", "{ a(b: [\0 \0]) }", "i0 i1", (NHS, f"-{NHS}")),
        ("{ a(b: 12345.50, c: -1e+22) }", "{ a(b: \0, c: -1e+22) }", "f0", ("12345.50",)),
        ('{ a(b: 12345, c: "x", d: 1.23456) }', "{ a(b: \0, c: \0, d: \0) }", "i0 s1 f2", ("12345", '"x"', "1.23456")),
        ("{ a(first: 1000) }", "{ a(first: 1000) }", "", ()),
        (f'{{ a # "{NHS}\n b }}', "{ a #\n b }", "", ()),
    ],
)
def test_strings_long_numbers_and_comments_are_left_out(
    text: str, rest: str, pattern: str, values: tuple[str, ...]
) -> None:
    written = without_values(text)
    assert (written.text, written.pattern, written.values) == (rest, pattern, values)
    assert written.names_nobody
    assert written.is_as_sent is (rest == text)


@pytest.mark.parametrize("text", ["{ c9990000018: me }", "query Of_99900 { me }", "query ($n12345: ID) { me }"])
def test_a_name_of_many_digits_may_be_an_identifier(text: str) -> None:
    written = without_values(text)
    assert (written.names_nobody, written.is_as_sent) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        '{ users(after: "a") { id } }',
        '{ users(after: 1234567, filter: {name: "x", ages: [12345, 2], not: {name: "x"}}, tags: ["a" "b"]) { id } }',
        'query($n: String = "x") { users(filter: {name: $n}) { id } }',
        'query($f: Filter = {name: "x", ages: [12345]}) { users(filter: $f) { id } }',
        '{ a: users(after: "a") { id } b: users(after: "a") { id } }',
        'query($n: [Int] = [99999]) { users(filter: {ages: $n, name: "\\u0061 \\"b\\""}) { id } }',
        '{ ... F } fragment F on Query { users(after: """a\n  b""") { id } }',
    ],
)
def test_a_document_takes_the_values_of_its_own_text_and_of_another(text: str) -> None:
    made = template(text)
    assert made.filled(without_values(text).values) == read(text).values
    for old, new in (("12345", "54321"), ('"x"', '"yy"'), ('"a"', '"""b"""'), ("99999", "-77777")):
        other = text.replace(old, new)
        written = without_values(other)
        assert (written.text, written.pattern) == without_values(text)[:2]
        assert made.filled(written.values) == read(other).values
        assert read(other).operation == read(text).operation


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{ me { id @skip(if: true) friends @skip(if: true) { id } } users(after: "a") @skip(if: true) { id } }', "no"),
        ('query A { users(after: "a") { id } } query B { users(after: "b") { id } }', "no"),
    ],
)
def test_a_value_that_the_operation_does_not_use_is_not_left_out(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"a value is in {why} variable"):
        template(text, "A" if " A " in text else None)


@pytest.mark.parametrize("value", ['"x"', "1.5e9", "99999999999999999999", '"\\q"', '"\\ud800"'])
def test_a_value_that_does_not_fit_is_left_to_whoever_reads_it(value: str) -> None:
    made = template("{ users(filter: {ages: [12345]}) { id } }")
    assert made.filled([value]) is None
    with pytest.raises(RequestError, match=r"."):
        read(f"{{ users(filter: {{ages: [{value}]}}) {{ id }} }}")


@pytest.mark.parametrize(
    "text", ['{ a(b: "x\n) }', '{ a(b: """x) }', '{ a(b: "\\"', "{ a(b: 01) }", "{ a(b: 12345x) }"]
)
def test_what_is_not_a_value_stays(text: str) -> None:
    assert without_values(text).values == ()
    assert any(mark in without_values(text).text for mark in ('"', "01", "12345x"))


def test_many_values_are_read() -> None:
    values = ", ".join(f'"{number}"' for number in range(MOST + 1))
    with pytest.raises(ValueError, match="more than 200 values"):
        template(f"{{ users(tags: [{values}]) {{ id }} }}")


def test_nothing_of_the_first_text_is_kept() -> None:
    made = template(f'{{ users(first: 5, after: "{NHS}") {{ id }} }}')
    assert made.kept == {"v2": 5}
    assert made.filled(['"b"']) == {"v1": "b", "v2": 5}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def written(value: object) -> str:
    if isinstance(value, str):
        return (
            '"'
            + "".join(c if c.isalnum() or c in ' #{}:"' else f"\\u{{{ord(c):x}}}" for c in value).replace('"', '\\"')
            + '"'
        )
    return f"[{', '.join(map(written, value))}]" if isinstance(value, list) else str(value)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-(2**31), 2**31 - 1), TEXTS, st.lists(TEXTS, max_size=3)), min_size=2, max_size=2)
)
def test_what_is_filled_in_is_what_would_be_read(pairs: list[tuple[int, str, list[str]]]) -> None:
    one, two = (
        f"{{ users(after: {written(name)}, filter: {{ages: [{number}]}}, tags: {written(tags)}) {{ id }} }}"
        for number, name, tags in pairs
    )
    if without_values(one)[:2] == without_values(two)[:2] and without_values(one).pattern:
        assert template(one).filled(without_values(two).values) == read(two).values
    assert template(one).filled(without_values(one).values) == read(one).values


@pytest.mark.parametrize(
    ("text", "name", "place"),
    [
        ("query($n: Int) { me { id } }", None, (1, 7)),
        ('# $n: Int\nquery A($m: String = "$n: x",\r\n  $n: Int) { me { id } }', None, (3, 3)),
        ("query A($n: Int) { me { id } }\nquery B(\n$n : Int) { me { id } }", "B", (3, 1)),
        ("query A($n: Int) { me { id } }", "C", (1, 9)),
        ("query A($m: Int) { me { id } }", None, None),
    ],
)
def test_a_variable_is_found_in_its_text(text: str, name: str | None, place: tuple[int, int] | None) -> None:
    assert place_of("n", text, name) == place


@pytest.mark.parametrize("many", ['"a" ', "#\n", "12345 ", '"\n'])
def test_a_text_of_very_many_values_is_not_looked_through(many: str) -> None:
    assert without_values(many * 1_999).names_nobody
    assert not without_values(many * 2_000).names_nobody
