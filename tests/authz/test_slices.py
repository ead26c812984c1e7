"""Cedar weighs a slice of the policies: what it decides is what it decides by all of them."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from unittest.mock import patch

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.errors import PolicyError
from authz.policy import CATEGORIES, LEVELS, PARTNERSHIP, SCHEMA, Policies, PolicyName, Reason
from authz.policy.conditions import MAX_DEPTH, Asking
from authz.policy.files import Rules
from authz.policy.slices import MAX_SETS, MAX_SLICES
from authz.principal import Principal, Purpose, Role
from authz.standing import UNRELATED, Kind, Standing

GRANTS = {
    "13": '@id("closed")\nforbid (principal, action, resource) when { !context.own && resource.category == "police" };',
    "RAE": '@id("open")\npermit (principal, action, resource) when { resource.category == "sensitive" };',
}


def principal(*roles: Role) -> Principal:
    return Principal("s", "https://idp.example", "console", roles, "380")


@lru_cache(maxsize=8)
def parsed(text: str) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_str(text)


def by_all(text: str, asking: Asking, standing: Standing) -> tuple[bool, tuple[str, ...]]:
    """What Cedar decides by the whole text, and the `@id`s of what decided; an error denies."""
    request = {
        "principal": 'Practitioner::"asking"',
        "action": f'Action::"{asking.action}"',
        "resource": 'Information::"asked"',
        "context": {
            "purpose": asking.purpose.value,
            "own": asking.own,
            "relationships": sorted(standing.relationships),
            "team": standing.team,
            "breakGlass": standing.break_glass,
            "shielded": standing.shielded,
        },
    }
    attributes = {"category": asking.name.category, "level": asking.name.level}
    entities: list[dict[str, object]] = [
        {"uid": {"type": "Practitioner", "id": "asking"}, "attrs": {"roles": [*asking.roles]}, "parents": []},
        {"uid": {"type": "Information", "id": "asked"}, "attrs": attributes, "parents": []},
    ]
    result = cedarpy.is_authorized(request, parsed(text), entities)
    permitted = result.decision is cedarpy.Decision.Allow and not result.diagnostics.errors
    return permitted, tuple(sorted(result.diagnostics.id_annotations_by_reason.values()))


def by_slice(
    policies: Policies, asking: Asking, standing: Standing, holder: str | None
) -> tuple[bool, tuple[str, ...]]:
    who = principal(*asking.roles)
    if asking.own:
        who = Principal("s", "https://idp.example", "console", asking.roles, holder or "380")
    decision = policies.decide(
        who, asking.purpose, str(asking.name), holder or ("380" if asking.own else None), standing
    )
    return decision.permitted, tuple(sorted(decision.by))


ASKING = st.builds(
    Asking,
    roles=st.lists(st.sampled_from(Role), min_size=0, max_size=2, unique=True).map(tuple),
    purpose=st.sampled_from(Purpose),
    name=st.builds(PolicyName, st.sampled_from(CATEGORIES), st.sampled_from(LEVELS)),
    own=st.booleans(),
)
STANDING = st.builds(
    Standing,
    relationships=st.frozensets(st.sampled_from([kind.value for kind in Kind]), max_size=3),
    team=st.booleans(),
    shielded=st.sampled_from([False, False, False, True]),
    break_glass=st.booleans(),
)


@pytest.fixture(scope="module")
def policies() -> Policies:
    return Policies.partnership(GRANTS)


@settings(max_examples=400, deadline=None)
@given(asking=ASKING, standing=STANDING, holder=st.sampled_from([None, *GRANTS]))
def test_the_partnership_s_decisions_are_those_of_all_its_policies(
    policies: Policies, asking: Asking, standing: Standing, holder: str | None
) -> None:
    text = PARTNERSHIP + "\n" + GRANTS.get(holder or "", "")
    assert by_slice(policies, asking, standing, holder) == by_all(text, asking, standing)


# policies that nobody would write

WORDS = [Role.POLICE.value, "S47", "police", "detail", "on_roll", "core_group", "nothing"]
STRINGS = st.sampled_from(["context.purpose", "resource.category", "resource.level", *(f'"{word}"' for word in WORDS)])
SETS = st.one_of(
    st.sampled_from(["context.relationships", "principal.roles"]),
    st.lists(st.sampled_from(WORDS), max_size=3, unique=True).map(lambda words: str(words).replace("'", '"')),
)
UNREAD = ["9223372036854775807 + 1 == 0", 'resource.category like "p*"', "(if context.own then true else false)"]
LEAVES = st.one_of(
    st.sampled_from(["context.own", "context.team", "context.breakGlass", "context.shielded", *UNREAD]),
    st.builds("{} {} {}".format, STRINGS, st.sampled_from(["==", "!="]), STRINGS),
    st.builds("{}.contains({})".format, SETS, STRINGS),
    st.builds("{}.{}({})".format, SETS, st.sampled_from(["containsAll", "containsAny"]), SETS),
    st.builds("{}.isEmpty()".format, st.sampled_from(["context.relationships", "principal.roles"])),
)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=6,
)
SCOPES = ["principal, action, resource", 'principal, action == Action::"disclose", resource']
POLICY = st.builds(
    "{} ({})\n{} {{ {} }}\n{} {{ {} }};".format,
    st.sampled_from(["permit", "permit", "permit", "forbid"]),
    st.sampled_from(
        [*SCOPES, 'principal, action == Action::"know", resource', 'principal == Practitioner::"x", action, resource']
    ),
    st.sampled_from(["when", "unless"]),
    EXPRESSIONS,
    st.sampled_from(["when", "unless"]),
    EXPRESSIONS,
)


@settings(max_examples=300, deadline=None)
@given(
    written=st.lists(POLICY, min_size=1, max_size=6),
    asked=st.lists(st.tuples(ASKING, STANDING), min_size=5, max_size=5),
)
def test_whatever_policies_say_a_slice_decides_as_all_of_them(
    written: list[str], asked: list[tuple[Asking, Standing]]
) -> None:
    text = "\n".join(f'@id("p{number}")\n{policy}' for number, policy in enumerate(written))
    try:
        policies = Policies(text, SCHEMA)
    except PolicyError:  # what the schema's check sees through: a policy that can never apply
        return
    for asking, standing in asked:
        assert by_slice(policies, asking, standing, None) == by_all(text, asking, standing)
        reason = policies.decide(principal(*asking.roles), asking.purpose, str(asking.name), None, standing).reason
        assert reason is not Reason.NO_RELATIONSHIP or not by_all(text, asking._replace(own=False), standing)[0]


# what is tried to say why, or what could come of it


def tried(asking: Asking) -> bool:
    """Whether any standing at all, of all subsets of relationships, is permitted by the whole text."""
    kinds = ["on_roll", "core_group", "allocated"]
    subsets = [
        frozenset(kind for kind, taken in zip(kinds, bits, strict=True) if taken) for bits in product((0, 1), repeat=3)
    ]
    return any(by_all(PARTNERSHIP, asking, Standing(subset, team))[0] for subset in subsets for team in (True, False))


@pytest.mark.parametrize("role", [Role.SCHOOL_LEAD, Role.HEALTH_VISITOR, Role.TEAM_MANAGER, Role.AUDITOR])
@pytest.mark.parametrize("name", ["plan.detail", "education.owner", "locator.summary", "sensitive.detail"])
def test_a_reason_is_what_trying_every_standing_finds(policies: Policies, role: Role, name: str) -> None:
    asked = PolicyName.parse(name)
    assert asked is not None
    for purpose in (Purpose.S47, Purpose.EH):
        decision = policies.decide(principal(role), purpose, name, None, UNRELATED)
        related = tried(Asking((role,), purpose, asked, own=False))
        if asked.level != "owner":
            assert (decision.permitted or decision.reason is Reason.NO_RELATIONSHIP) is related
        elif not decision.permitted:
            assert decision.reason is Reason.OWNER_ONLY
        if decision.reason is Reason.ROLE_DOES_NOT_PERMIT:
            assert not any(tried(Asking((role,), other, asked, own)) for other in Purpose for own in (True, False))


def test_what_nothing_permits_is_explained_without_trying_every_case(policies: Policies) -> None:
    asked = Principal("s", "https://idp.example", "console", (Role.ADMINISTRATOR, Role.AUDITOR), "380")
    with patch("cedarpy.is_authorized", wraps=cedarpy.is_authorized) as weighed:
        assert policies.decide(asked, Purpose.CIN, "sensitive.detail", None).reason is Reason.ROLE_DOES_NOT_PERMIT
        assert weighed.call_count == 0
        assert policies.decide(asked, Purpose.CIN, "locator.detail", None).permitted
        assert weighed.call_count == 1


def test_a_reason_is_found_once() -> None:
    policies = Policies.partnership()
    asked = principal(Role.SCHOOL_LEAD)
    first = policies.decide(asked, Purpose.S47, "education.detail", None)
    with patch.object(Policies, "_why", side_effect=AssertionError):
        assert policies.decide(asked, Purpose.S47, "education.detail", None) is first


# what a slice keeps

ASKED = Asking((Role.POLICE,), Purpose.S47, PolicyName("police", "detail"), own=False)


def names(text: str, asking: Asking = ASKED) -> set[str]:
    """The `@id`s of the policies that are weighed, and of those only."""
    weighed = Rules(text, SCHEMA).slices.of(asking).policies.to_pst()
    return {policy.annotations["id"] for policy in weighed.static_policies.values()}


def test_a_slice_is_the_permits_that_could_apply_and_every_forbid() -> None:
    assert names(PARTNERSHIP) == {"police_public_protection.s47.read", "break_glass.read", "shield"}
    assert names(PARTNERSHIP, ASKED._replace(action="know")) == {"known", "shield"}
    for asking in (ASKED, ASKED._replace(roles=(), action="know")):
        never = '@id("never")\nforbid (principal, action, resource) when { context.purpose == "CIN" };'
        assert "never" in names(PARTNERSHIP + never, asking)


@pytest.mark.parametrize(
    "unread",
    [
        "9223372036854775807 + 1 == 0",
        'resource.category like "x*"',
        "if context.own then true else false",
        "context.own == true",
        'principal == Practitioner::"nobody"',
        " || ".join(["context.own"] * (MAX_DEPTH + 5)),  # Cedar's JSON can't carry it either
    ],
)
@pytest.mark.parametrize("keyword", ["when", "unless"])
def test_a_permit_with_anything_in_it_that_is_not_read_stays(unread: str, keyword: str) -> None:
    false = 'when { context.purpose == "CIN" }'
    permit = f'@id("x")\npermit (principal, action, resource) {false}'
    assert names(f"{permit};") == set()
    for text in (f"{permit} {keyword} {{ {unread} }};", permit.replace("}", f"&& ({unread}) }}") + ";"):
        assert names(text) == {"x"}
        assert not Policies(text, SCHEMA).decide(principal(Role.POLICE), Purpose.S47, "police.detail", None).permitted


def test_what_is_kept_of_slices_is_bounded() -> None:
    slices = Rules(PARTNERSHIP, SCHEMA).slices
    for number in range(MAX_SLICES + 10):
        slices.of(ASKED._replace(name=PolicyName(f"c{number}", "detail")))
    assert len(slices._slices) == MAX_SLICES
    many = "\n".join(
        f'@id("p{number}")\npermit (principal, action, resource) when {{ resource.category == "c{number}" }};'
        for number in range(MAX_SETS + 10)
    )
    apart = Rules(many, SCHEMA).slices
    for number in range(MAX_SETS + 10):
        apart.of(ASKED._replace(name=PolicyName(f"c{number}", "detail")))
    assert len(apart._sets) == MAX_SETS


OTHER = 'permit (principal, action, resource) when { context.purpose == "CIN" };'


def test_what_cedar_s_json_cannot_carry_is_weighed_whole() -> None:
    """Text may nest deeper than Cedar reads JSON: such a policy's slices are the whole."""
    deep = " || ".join(['context.purpose == "S47"'] * 80)
    text = f'@id("deep")\npermit (principal, action, resource) when {{ {deep} }};\n@id("other")\n{OTHER}'
    assert names(text) == {"deep", "other"}
    policies = Policies(text, SCHEMA)
    assert policies.decide(principal(Role.POLICE), Purpose.S47, "police.detail", None).by == ("deep",)
    assert not policies.decide(principal(Role.POLICE), Purpose.CPP, "police.detail", None).permitted


def test_text_too_deep_to_be_read_is_refused() -> None:
    deep = " || ".join(["context.own"] * 5_000)
    with pytest.raises(PolicyError):
        Policies(f'@id("deep")\npermit (principal, action, resource) when {{ {deep} }};', SCHEMA)
