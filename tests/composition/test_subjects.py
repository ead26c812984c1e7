"""Rules for schemas about people."""

from __future__ import annotations

import pytest

from gateway.composition import SubgraphSource, compose

LINKS = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7",
    import: ["@key", "@policy", "@inaccessible", "@composeDirective"])
  @link(url: "https://cps.example/subject/v1.0", import: ["@subject", "@routine"])
  @composeDirective(name: "@subject") @composeDirective(name: "@routine")
directive @subject(facts: String) on OBJECT
directive @routine on FIELD_DEFINITION
"""
FACTS = "shielded relationships { kind }"


def schema(
    more: str = "",
    *,
    child: str = 'forename: String @policy(policies: [["identity.detail"]])',
    facts: str = FACTS,
    root: str = "",
    shielded: str = "shielded: Boolean! @inaccessible",
) -> str:
    return (
        LINKS
        + f"""
type Query {{ child(id: ID!): Child {root} }}
type Child @key(fields: "id") @subject(facts: "{facts}") {{
  id: ID!
  {shielded}
  relationships: [Relationship!]! @inaccessible
  {child}
}}
type Relationship @inaccessible {{ kind: String! }}
{more}
"""
    )


def codes(sdl: str) -> list[str]:
    return [error.code for error in compose([SubgraphSource("index", "http://index/", sdl)]).errors]


def test_a_schema_that_keeps_to_the_rules_composes() -> None:
    assert codes(schema()) == []
    assert codes(schema(child='note: Note @policy(policies: [["case.summary"]])', more=NOTE)) == []


NOTE = 'type Note { text: String @policy(policies: [["case.detail"]]) }'


REFUGE = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@policy", "@external", "@requires"])
type Child @key(fields: "id") {{
  id: ID! @external
  sensitiveHolders: [String!]! @external
  refuge: String @requires(fields: "sensitiveHolders") {policy}
}}
"""


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ('@policy(policies: [["sensitive.summary"]])', []),
        ('@policy(policies: [["case.detail", "sensitive.summary"], ["sensitive.detail"]])', []),
        ('@policy(policies: [["locator.summary"]])', ["SENSITIVE_HOLDERS_OPEN"]),
        ('@policy(policies: [["sensitive.summary"], ["case.detail"]])', ["SENSITIVE_HOLDERS_OPEN"]),
    ],
)
def test_what_is_made_from_sensitive_holders_is_under_a_sensitive_policy(policy: str, expected: list[str]) -> None:
    index = SubgraphSource("index", "http://index/", schema(child="sensitiveHolders: [String!]! @inaccessible"))
    refuge = SubgraphSource("refuge", "http://refuge/", REFUGE.format(policy=policy))
    assert [error.code for error in compose([index, refuge]).errors] == expected


BROKEN: list[tuple[str, str]] = [
        (schema(child='forename: String! @policy(policies: [["identity.detail"]])'), "PROTECTED_FIELD_NON_NULL"),
        (schema(child="forename: String"), "UNTAGGED_FIELD_UNDER_SUBJECT"),
        (schema(child='note: Note @policy(policies: [["case.summary"]])', more="type Note { text: String }"),
         "UNTAGGED_FIELD_UNDER_SUBJECT"),
        (schema(child='forename: String @policy(policies: [["identity.all"]])'), "UNKNOWN_POLICY"),
        (schema(child='forename: String @policy(policies: [["name.detail"], ["identity.detail"]])'), "UNKNOWN_POLICY"),
        (schema(root='notes: [Note] @policy(policies: [["case.summary"]])', more=NOTE), "SUBJECT_UNREACHABLE"),
        (schema(root="hub: Hub", more=NOTE + " type Hub { notes: [Note] }"), "SUBJECT_UNREACHABLE"),
        (schema(facts="relationships { kind }"), "SUBJECT_FACTS_INVALID"),
        (schema(facts="shielded relationships"), "SUBJECT_FACTS_INVALID"),
        (schema(facts="shielded relationships { nothing }"), "SUBJECT_FACTS_INVALID"),
        (schema(facts="shielded nothing"), "SUBJECT_FACTS_INVALID"),
        (schema(shielded="shielded: Boolean @inaccessible"), "SUBJECT_FACTS_INVALID"),
        (schema(shielded="shielded: Boolean!"), "SUBJECT_FACTS_INVALID"),
    ]  # fmt: skip


@pytest.mark.parametrize(("sdl", "code"), BROKEN)
def test_what_breaks_a_rule_is_an_error_with_its_code(sdl: str, code: str) -> None:
    assert code in codes(sdl)


@pytest.mark.parametrize(
    "sdl",
    [
        schema(child="forename: String @routine"),
        schema(child="forename: String @inaccessible"),
        schema(root="hub: Hub", more="type Hub { name: String! }"),
        schema(
            root='note(id: ID!): Note @policy(policies: [["case.summary"]])',
            more='type Note @key(fields: "id") { id: ID! child: Child t: String @policy(policies: [["case.detail"]]) }',
        ),
    ],
)
def test_what_is_open_is_no_error(sdl: str) -> None:
    assert codes(sdl) == []


def test_a_schema_without_facts_is_as_it_likes() -> None:
    free = schema(child='forename: String! @policy(policies: [["whatever"]])').replace(f'(facts: "{FACTS}")', "")
    assert codes(free) == []
