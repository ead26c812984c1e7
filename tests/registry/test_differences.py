"""What an approver is shown of a new SDL."""

from __future__ import annotations

from gateway.registry import differences

BEFORE = """
type Note @key(fields: "id") @authenticated {
  id: ID!
  text: String @policy(policies: [["case.detail"]])
  author: String @policy(policies: [["case.summary"]])
}
enum Grade { HIGH LOW }
"""
AFTER = """
type Note @key(fields: "id") {
  id: ID!
  text: String @policy(policies: [["case.summary"]])
  author(full: Boolean): String @policy(policies: [["case.summary"]])
  more: [String!]
}
enum Grade { HIGH }
"""


def test_what_readers_need_comes_first_field_by_field() -> None:
    found = [str(each) for each in differences(BEFORE, AFTER) if each.kind == "access"]
    assert found == [
        "- Note: @authenticated",
        "+ Note.more: nothing",
        '~ Note.text: @policy(policies: [["case.detail"]]) -> @policy(policies: [["case.summary"]])',
    ]


def test_then_the_schema() -> None:
    found = [str(each) for each in differences(BEFORE, AFTER) if each.kind == "schema"]
    assert found == [
        "- Grade.LOW: enum value definition",
        "~ Note.author: String -> (full: Boolean) String",
        "+ Note.more: [String!]",
    ]


def test_of_a_first_sdl_all_is_new_and_of_the_same_nothing() -> None:
    assert all(each.before is None for each in differences(None, BEFORE))
    assert {each.coordinate for each in differences(None, BEFORE)} >= {"Note", "Note.id", "Note.text", "Grade.HIGH"}
    assert differences(BEFORE, '"Said."\n' + BEFORE) == []


def test_a_taken_over_field_is_seen() -> None:
    (found,) = differences(BEFORE, BEFORE.replace("author: String", 'author: String @override(from: "index")'))
    assert str(found) == '~ Note.author: String -> String @override(from: "index")'


def test_a_directive_is_told_from_a_type_of_its_name() -> None:
    before = "type Query { a: Int }"
    after = before + " directive @tag(name: String) on OBJECT type tag { a: Int }"
    found = differences(before, after)
    assert {each.coordinate for each in found} >= {"@tag", "tag"}
