"""The SDL that each subgraph publishes: as the files here have it, and as the contract with the gateway wants it.

To take a change over: `python -m subgraphs.police --print-sdl > tests/subgraphs/sdl/police.graphql`.
"""

from pathlib import Path

import pytest
from graphql import (
    FieldDefinitionNode,
    ListValueNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    parse,
)

from authz.policy.names import CATEGORIES, LEVELS
from tests.subgraphs.conftest import NAMES, SECTORS, Sector, subgraph

FILES = Path(__file__).parent / "sdl"
IMPERSONAL = {"Query", "Child", "Holder", "Agency", "Relationship", "ShieldProbe"}


def objects(name: str) -> dict[str, ObjectTypeDefinitionNode]:
    definitions = parse(subgraph(name).schema.sdl).definitions
    return {each.name.value: each for each in definitions if isinstance(each, ObjectTypeDefinitionNode)}


def directives(node: ObjectTypeDefinitionNode | FieldDefinitionNode) -> set[str]:
    return {each.name.value for each in node.directives or ()}


def policy(field: FieldDefinitionNode) -> str | None:
    """The name of the field's one policy."""
    for directive in field.directives or ():
        if directive.name.value == "policy":
            [argument] = directive.arguments or ()
            groups = argument.value
            assert isinstance(groups, ListValueNode)
            [group] = groups.values
            assert isinstance(group, ListValueNode)
            [name] = group.values
            assert isinstance(name, StringValueNode)
            return name.value
    return None


@pytest.mark.parametrize("name", NAMES)
def test_the_sdl_is_as_the_file_has_it(name: str) -> None:
    assert subgraph(name).schema.sdl == (FILES / f"{name}.graphql").read_text()


@pytest.mark.parametrize("name", NAMES)
async def test_the_service_answers_with_the_same(name: str) -> None:
    result = await subgraph(name).schema.execute("{ _service { sdl } }")
    assert result.data == {"_service": {"sdl": subgraph(name).schema.sdl}}


@pytest.mark.parametrize("name", NAMES)
def test_every_personal_field_is_nullable_and_under_a_known_policy(name: str) -> None:
    checked = 0
    for kind, definition in objects(name).items():
        if kind in IMPERSONAL:
            continue
        assert {"authenticated", "requiresScopes"} <= directives(definition), kind
        for field in definition.fields or ():
            if field.name.value == "id" and "key" in directives(definition):
                continue
            category, _, level = (policy(field) or "").partition(".")
            assert category in CATEGORIES, f"{kind}.{field.name.value}"
            assert level in LEVELS, f"{kind}.{field.name.value}"
            assert not isinstance(field.type, NonNullTypeNode), f"{kind}.{field.name.value}"
            checked += 1
    assert checked > 5 or name == "index"


@pytest.mark.parametrize("sector", SECTORS, ids=lambda sector: sector.name)
def test_the_sector_field_requires_its_own_holders(sector: Sector) -> None:
    child = objects(sector.name)["Child"]
    fields = {each.name.value: each for each in child.fields or ()}
    [requires] = [each for each in fields[sector.field].directives or () if each.name.value == "requires"]
    [argument] = requires.arguments or ()
    value = argument.value
    assert isinstance(value, StringValueNode)
    assert value.value == f"holders(sector: {sector.enum}) {{ agency recordId }}"
    assert policy(fields[sector.field]) == "locator.summary"
    assert not isinstance(fields[sector.field].type, NonNullTypeNode)
    assert "external" in directives(fields["holders"])


def test_levels_of_what_is_most_closely_kept() -> None:
    """Domain, section 6: the shielded, the owner-only parts and third parties."""
    wanted = {
        ("social_care", "SocialCareRecord", "legalAdvice"): "case.owner",
        ("social_care", "SocialCareRecord", "placementAddress"): "contact.owner",
        ("social_care", "SocialCareRecord", "adoptionLink"): "identity.owner",
        ("social_care", "SocialCareRecord", "referrerIdentity"): "third_party.detail",
        ("social_care", "SocialCareRecord", "allegedPerpetrator"): "third_party.detail",
        ("police", "PoliceRecord", "pncId"): "police.owner",
        ("police", "PoliceRecord", "markers"): "police.owner",
        ("police", "PoliceRecord", "intelligence"): "police.owner",
        ("police", "PoliceNotice", "suspect"): "third_party.detail",
        ("police", "PoliceNotice", "narrative"): "police.detail",
        ("police", "PoliceNotice", "officer"): "police.summary",
        ("acute", "Examination", "sexualHealth"): "sensitive.detail",
        ("acute", "Examination", "leadClinician"): "sensitive.summary",
        ("community", "SpecialistCare", "camhs"): "sensitive.detail",
        ("education", "SchoolRecord", "concernLog"): "education.owner",
        ("education", "Disclosure", "summary"): "education.owner",
    }
    found = {
        place: policy(next(each for each in objects(place[0])[place[1]].fields or () if each.name.value == place[2]))
        for place in wanted
    }
    assert found == wanted


def test_the_index_says_who_the_subject_is() -> None:
    sdl = subgraph("index").schema.sdl
    assert "directive @subject(facts: String!) on OBJECT" in sdl
    assert '@composeDirective(name: "@subject")' in sdl
    child = objects("index")["Child"]
    assert {"subject", "key"} <= directives(child)
    hidden = {each.name.value for each in child.fields or () if "inaccessible" in directives(each)}
    assert hidden == {"ref", "holders", "sensitiveHolders", "shielded", "relationships", "surnames"}
    for name in NAMES:
        assert "inaccessible" in directives(objects(name)["Holder"])
