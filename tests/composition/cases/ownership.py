"""What an SDL can't take over of a subject, of its authority, or of another owner."""

from __future__ import annotations

from tests.composition.composed import Rule

_SUBJECT = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7",
    import: ["@key", "@policy", "@inaccessible", "@composeDirective", "@external", "@requires", "@shareable",
      "@override", "@provides", "@interfaceObject"])
"""
_INDEX = (
    _SUBJECT
    + """
  @link(url: "https://cps.example/subject/v1.0", import: ["@subject"]) @composeDirective(name: "@subject")
directive @subject(facts: String) on OBJECT
type Query { child(id: ID!): Child }
interface Named { forename: String }
type Child implements Named @key(fields: "id") @key(fields: "ref")
    @subject(facts: "shielded relationships { kind } holders { agency recordId }") {
  id: ID!
  ref: ID! @inaccessible
  shielded: Boolean! @inaccessible
  relationships: [Relationship!]! @inaccessible
  holders: [Holder!]! @inaccessible
  forename: String @policy(policies: [["identity.detail"]])
}
type Relationship @inaccessible { kind: String! }
type Holder @inaccessible { agency: String! @shareable recordId: String! @shareable }
"""
)
_STUB = _SUBJECT + """
type Child @key(fields: "id") @key(fields: "ref", resolvable: false) {
  id: ID! @external
  ref: ID! @inaccessible
  holders: [Holder!]! @external
  notes: [Note!] @requires(fields: "holders { agency recordId }") @policy(policies: [["case.summary"]])
}
type Holder @inaccessible { agency: String! @external recordId: String! @external }
type Note @key(fields: "id") { id: ID! text: String @policy(policies: [["case.detail"]]) }
"""  # fmt: skip
_SHARED_INDEX = _INDEX.replace("forename: String @policy", "forename: String @shareable @policy")
_SHIELDED = "shielded: Boolean! @inaccessible"


def _with(more: str, rest: str = "") -> str:
    """The permitted stub, with another field of `Child`."""
    return _STUB.replace("  notes:", f"  {more}\n  notes:") + rest


def _taken(name: str, code: str, bad: str, index: str = _INDEX, beside: frozenset[str] = frozenset()) -> Rule:
    return Rule(name, code, [index, bad], [_INDEX, _STUB], beside)


RULES = [
    _taken(
        "a fact is not overridden",
        "SUBJECT_FIELD_TAKEN",
        _with(
            '»relationships: [Relationship!]! @inaccessible @override(from: "a")',
            "type Relationship @inaccessible { kind: String! }",
        ),
        beside=frozenset(("SUBJECT_FACTS_TAKEN", "INVALID_FIELD_SHARING")),
    ),
    _taken("nor the shield", "SUBJECT_FIELD_TAKEN", _with('»shielded: Boolean! @inaccessible @override(from: "a")')),
    _taken(
        "nor under a label",
        "SUBJECT_FIELD_TAKEN",
        _with('»shielded: Boolean! @inaccessible @override(from: "a", label: "percent(1)")'),
    ),
    _taken(
        "nor a reference",
        "SUBJECT_FIELD_TAKEN",
        _STUB.replace("ref: ID! @inaccessible", '»ref: ID! @inaccessible @override(from: "a")'),
    ),
    _taken(
        "nor is it resolved",
        "SUBJECT_FIELD_TAKEN",
        _STUB.replace("  holders: [Holder!]! @external", "  »holders: [Holder!]! @inaccessible")
        .replace('@requires(fields: "holders { agency recordId }")', "")
        .replace("String! @external", "String! @shareable"),
        beside=frozenset(("SUBJECT_FACTS_TAKEN", "INVALID_FIELD_SHARING")),
    ),
    _taken("a subject's id is not resolved", "SUBJECT_FIELD_TAKEN", _STUB.replace("id: ID! @external", "»id: ID!", 1)),
    _taken(
        "nor in an extension",
        "SUBJECT_FIELD_TAKEN",
        _STUB.replace("type Child", "extend type Child").replace("id: ID! @external", "»id: ID! @external", 1),
    ),
    _taken(
        "a subject's field is not shared",
        "SUBJECT_FIELD_TAKEN",
        _with('»forename: String @shareable @policy(policies: [["identity.detail"]])'),
        _SHARED_INDEX,
    ),
    _taken(
        "nor provided",
        "SUBJECT_FIELD_TAKEN",
        _with(
            "»forename: String @external",
            'type Query { anyone: Child @provides(fields: "forename") @policy(policies: [["locator.summary"]]) }',
        ),
    ),
    _taken(
        "nor given to all that implement an interface of the subject's",
        "SUBJECT_FIELD_TAKEN",
        _STUB + 'type Named @interfaceObject @key(fields: "id") { id: ID! @external »forename: String @shareable }',
        _SHARED_INDEX.replace("interface Named {", 'interface Named @key(fields: "id") { id: ID!'),
        beside=frozenset(("OWNED_FIELD_TAKEN", "INTERFACE_OBJECT_USAGE_ERROR")),
    ),
    _taken(
        "a reference is only the authority's to resolve",
        "SUBJECT_KEY_TAKEN",
        _STUB.replace('@key(fields: "ref", resolvable: false)', '@key(fields: "ref")').replace(
            "type Child", "»type Child"
        ),
    ),
    _taken(
        "nor is there a key that it has not",
        "SUBJECT_KEY_TAKEN",
        _STUB.replace(
            'type Child @key(fields: "id") @key', '»type Child @key(fields: "id") @key(fields: "number") @key', 1
        ).replace("  notes:", "  number: ID!\n  notes:"),
    ),
    _taken(
        "what facts are made of is not resolved",
        "SUBJECT_FACTS_TAKEN",
        _STUB.replace("agency: String! @external", "»agency: String! @shareable").replace(
            "agency recordId", "recordId"
        ),
    ),
    _taken(
        "one SDL says what a subject is",
        "SUBJECT_DEFINED_TWICE",
        _STUB.replace("type Child @key", '»type Child @subject(facts: "shielded") @key').replace(
            '"@interfaceObject"])',
            '"@interfaceObject"]) @link(url: "https://cps.example/subject/v1.0", import: ["@subject"]) '
            '@composeDirective(name: "@subject")\ndirective @subject(facts: String) on OBJECT',
        ),
        _INDEX.replace("type Child", "»type Child"),
    ),
    _taken(
        "a root of the authority is not shared",
        "ROOT_FIELD_TAKEN",
        _STUB + "type Query { »child(id: ID!): Child @shareable }",
        _INDEX.replace("child(id: ID!): Child", "child(id: ID!): Child @shareable"),
    ),
    _taken(
        "nor overridden",
        "ROOT_FIELD_TAKEN",
        _STUB + 'type Query { »child(id: ID!): Child @override(from: "a") }',
        beside=frozenset(("OWNED_FIELD_TAKEN",)),
    ),
    Rule(
        "another's field is not overridden",
        "OWNED_FIELD_TAKEN",
        [
            _INDEX,
            _STUB,
            _SUBJECT
            + 'type Note @key(fields: "id") { id: ID! '
            + '»text: String @override(from: "b") @policy(policies: [["case.detail"]]) }',
        ],
        [
            _INDEX,
            _STUB,
            _SUBJECT + 'type Note @key(fields: "id") { id: ID! more: String @policy(policies: [["case.detail"]]) }',
        ],
    ),
    Rule(
        "nor shared, of an entity",
        "OWNED_FIELD_TAKEN",
        [
            _INDEX,
            _STUB.replace("text: String", "»text: String @shareable"),
            _SUBJECT
            + 'type Note @key(fields: "id") { id: ID! »text: String @shareable @policy(policies: [["case.detail"]]) }',
        ],
        [
            _INDEX,
            _STUB,
            _SUBJECT + 'type Note @key(fields: "id") { id: ID! more: String @policy(policies: [["case.detail"]]) }',
        ],
    ),
    Rule(
        "nor provided, of an entity",
        "OWNED_FIELD_TAKEN",
        [
            _INDEX,
            _STUB,
            _SUBJECT + 'type Child @key(fields: "id") { id: ID! @external '
            'last: Note @provides(fields: "text") @policy(policies: [["case.summary"]]) }'
            ' type Note @key(fields: "id") { id: ID! »text: String @external }',
        ],
        [
            _INDEX,
            _STUB,
            _SUBJECT
            + 'type Child @key(fields: "id") { id: ID! @external last: Note @policy(policies: [["case.summary"]]) }'
            ' type Note @key(fields: "id", resolvable: false) { id: ID! }',
        ],
    ),
]
