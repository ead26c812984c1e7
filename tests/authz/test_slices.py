"""Cedar weighs a slice of the policies: what it decides is what it decides by all of them."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, product
from unittest.mock import patch

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.errors import PolicyError
from authz.policy import CATEGORIES, LEVELS, PARTNERSHIP, SCHEMA, Outlook, Policies, PolicyName, Reason
from authz.policy.conditions import Asking
from authz.policy.files import (
    MAX_CLAUSES,
    MAX_GRANTED,
    MAX_LITERAL,
    MAX_POLICY,
    MAX_TEXT,
    read_policies,
)
from authz.policy.slices import MAX_KEPT, MAX_POLICIES, MAX_SLICES, Slices
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
            "related": standing.team or len(standing.relationships) > 0,
            "claimed": standing.claimed,
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
    claimed=st.booleans(),
)


@pytest.fixture(scope="module")
def policies() -> Policies:
    return Policies.partnership(GRANTS)


@settings(max_examples=800, deadline=None)
@given(asking=ASKING, standing=STANDING, holder=st.sampled_from([None, *GRANTS]))
def test_the_partnership_s_decisions_are_those_of_all_its_policies(
    policies: Policies, asking: Asking, standing: Standing, holder: str | None
) -> None:
    text = PARTNERSHIP + "\n" + GRANTS.get(holder or "", "")
    assert by_slice(policies, asking, standing, holder) == by_all(text, asking, standing)


# policies that nobody would write

KINDS = ["on_roll", "core_group"]
SAID = {
    "context.purpose": ["S47", "CIN"],
    "resource.category": ["police", "health"],
    "resource.level": ["detail", "summary"],
}
ROLES = [Role.POLICE.value, Role.SCHOOL_LEAD.value]


def a_set(words: list[str]) -> st.SearchStrategy[str]:
    chosen = st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True)
    return chosen.map(lambda found: str(found).replace("'", '"'))


def held(attribute: str) -> st.SearchStrategy[str]:
    """A string attribute against words that it has, or against another."""
    word = st.sampled_from([*(f'"{word}"' for word in SAID[attribute]), *SAID])
    return st.one_of(
        st.builds(f"{attribute} {{}} {{}}".format, st.sampled_from(["==", "!="]), word),
        st.builds(f"{{}} == {attribute}".format, word),
        st.builds(f"{{}}.contains({attribute})".format, a_set(SAID[attribute])),
    )


UNREAD = st.sampled_from(
    [
        "9223372036854775807 + 1 == 0",
        'decimal("1.0").lessThan(decimal("0.5"))',
        'resource.category like "p*"',
        "(if context.own then context.team else false)",
        "context has own",
        "principal is Practitioner",
        'principal in Practitioner::"asking"',
        '{"a": context.own}.a',
        'context["own"] == true',
        'context.relationships == ["on_roll"]',
        '["\\u{6f}n_roll"].containsAny(context.relationships)',
    ]
)
LEAVES = st.one_of(
    st.sampled_from(
        ["context.own", "context.team", "context.related", "context.breakGlass", "context.shielded", "true"]
    ),
    UNREAD,
    *map(held, SAID),
    st.sampled_from([f'principal.roles.contains("{role}")' for role in ROLES]),
    st.builds("principal.roles.{}({})".format, st.sampled_from(["containsAll", "containsAny"]), a_set(ROLES)),
    st.builds("{}.{}({})".format, a_set(KINDS), st.sampled_from(["containsAll", "containsAny"]), a_set(KINDS)),
    st.builds("context.relationships.{}({})".format, st.sampled_from(["containsAll", "containsAny"]), a_set(KINDS)),
    st.sampled_from([f'context.relationships.contains("{kind}")' for kind in KINDS]),
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


@st.composite
def texts(draw: st.DrawFn, first: str) -> str:
    written = draw(st.lists(POLICY, min_size=1, max_size=5))
    return "\n".join(f'@id("{first}{number}")\n{policy}' for number, policy in enumerate(written))


EVERY = [
    Standing(frozenset(chosen), team, break_glass=broken, shielded=shielded)
    for size in range(4)
    for chosen in combinations(("on_roll", "core_group", "allocated"), size)
    for team, broken, shielded in product((True, False), repeat=3)
]


@settings(max_examples=150, deadline=None)
@given(text=texts("p"), grants=texts("g"), asked=st.lists(st.tuples(ASKING, STANDING), min_size=4, max_size=4))
def test_whatever_policies_say_a_slice_decides_as_all_of_them(
    text: str, grants: str, asked: list[tuple[Asking, Standing]]
) -> None:
    policies = Policies(text, SCHEMA, grants={"13": grants})
    for asking, standing in asked:
        assert by_slice(policies, asking, standing, None) == by_all(text, asking, standing)
        assert by_slice(policies, asking, standing, "13") == by_all(f"{text}\n{grants}", asking, standing)


@settings(max_examples=80, deadline=None)
@given(text=texts("p"), grants=texts("g"), asking=ASKING)
def test_an_outlook_and_a_reason_are_what_trying_everything_finds(text: str, grants: str, asking: Asking) -> None:
    policies = Policies(text, SCHEMA, grants={"13": grants})
    asking = asking._replace(own=False)
    both = f"{text}\n{grants}"
    found = {
        by_all(each, asking._replace(own=own), standing)[0]
        for each in (text, both)
        for own in (True, False)
        for standing in EVERY
    }
    outlook = policies.outlook(principal(*asking.roles), asking.purpose, str(asking.name), break_glass=True)
    assert (outlook is Outlook.DENIED) is (True not in found)
    decision = policies.decide(principal(*asking.roles), asking.purpose, str(asking.name), None)
    near = [standing for standing in EVERY if not standing.shielded and not standing.break_glass]

    def opens(other: Asking) -> bool:
        return any(by_all(text, other, standing)[0] for standing in near)

    if decision.permitted:
        assert decision.reason is None
    elif asking.name.level == "owner":
        assert decision.reason is Reason.OWNER_ONLY
    elif opens(asking):
        assert decision.reason is Reason.NO_RELATIONSHIP
    elif any(opens(asking._replace(purpose=purpose)) for purpose in Purpose):
        assert decision.reason is Reason.PURPOSE_DOES_NOT_PERMIT
    elif any(opens(asking._replace(purpose=purpose, own=True)) for purpose in Purpose):
        assert decision.reason is Reason.OWNER_ONLY
    else:
        assert decision.reason is Reason.ROLE_DOES_NOT_PERMIT


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


def permit(condition: str) -> str:
    return f'@id("x")\npermit (principal, action, resource) when {{ {condition} }};'


# what a slice keeps

ASKED = Asking((Role.POLICE,), Purpose.S47, PolicyName("police", "detail"), own=False)


def names(text: str, asking: Asking = ASKED) -> set[str]:
    """The policies that are weighed, and those only."""
    slices = Slices(read_policies(text, SCHEMA), {})
    known = slices.of(asking, "")
    assert set(slices.policies(known).to_pst().static_policies) == {*known.names}
    return {*known.names}


def test_a_slice_is_the_permits_that_could_apply_and_every_forbid() -> None:
    assert names(PARTNERSHIP) == {"police_public_protection.s47.read", "break_glass.read", "shield"}
    assert names(PARTNERSHIP, ASKED._replace(action="know")) == {"known.anyone", "known.break_glass", "shield"}
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


def test_only_relationships_that_the_few_policies_tell_apart_are_tried(policies: Policies) -> None:
    """That of all four kinds of standing there are: with a relationship or without, in the team or not."""
    asked = principal(Role.SHIELD_STEWARD, Role.CONFERENCE_CHAIR)
    with patch("cedarpy.is_authorized", wraps=cedarpy.is_authorized) as weighed:
        assert policies.outlook(asked, Purpose.CPP, "identity.detail") is Outlook.PERMITTED
    assert weighed.call_count == 4 * 2  # held by the own agency and by another: no agency's grants speak of it


def test_a_relationship_may_be_held_against_the_category() -> None:
    text = '@id("x")\npermit (principal, action, resource) when { context.relationships.contains(resource.category) };'
    policies = Policies(text, SCHEMA, categories=None)
    asked = principal(Role.POLICE), Purpose.S47, "on_roll.detail"
    assert policies.outlook(*asked) is Outlook.DEPENDS
    assert policies.decide(*asked, None).reason is Reason.NO_RELATIONSHIP
    assert policies.decide(*asked, None, Standing(frozenset(("on_roll",)))).permitted


def test_what_is_permitted_of_shielded_children_only_may_come_of_asking() -> None:
    asked = principal(Role.POLICE), Purpose.S47, "police.detail"
    assert Policies(permit("context.shielded"), SCHEMA).outlook(*asked) is Outlook.DEPENDS
    unless = '@id("f")\nforbid (principal, action, resource) unless { context.shielded };'
    assert Policies(permit("true") + unless, SCHEMA).outlook(*asked) is Outlook.DEPENDS


# bounds


def test_what_is_kept_of_slices_is_bounded() -> None:
    slices = Slices(read_policies(PARTNERSHIP, SCHEMA), {})
    for number in range(MAX_SLICES + 10):
        slices.of(ASKED._replace(name=PolicyName(f"c{number}", "detail")), "")
    assert len(slices._slices) == MAX_SLICES
    many = "\n".join(
        f'@id("p{number}")\nforbid (principal, action, resource) when {{ resource.category == "c{number}" }};'
        for number in range(MAX_POLICIES - 110)
    )
    heavy = Slices(read_policies(many + PARTNERSHIP, SCHEMA), {})
    for roles, purpose, level in product(combinations(Role, 2), (Purpose.CIN, Purpose.S47), LEVELS):
        heavy.policies(heavy.of(ASKED._replace(roles=roles, purpose=purpose, name=PolicyName("health", level)), ""))
    assert MAX_KEPT * 0.9 < heavy._sets.weight <= MAX_KEPT


DEEP = [
    (" || ".join(["context.own"] * 80), "nest over 60 deep"),
    (" || ".join(["context.own"] * 380), "brackets, operators"),
    ("context.own" + " || (context.own" * 150 + ")" * 150, "brackets, operators"),
    ("(" * 5_000 + "context.own" + ")" * 5_000, "brackets, operators"),
    ("!(" * 5_000 + "context.own" + ")" * 5_000, "brackets, operators"),
    ("!" * 5_000 + "context.own", "brackets, operators"),
    ("[" * 3_000 + '"a"' + "]" * 3_000 + ".isEmpty()", "brackets, operators"),
    ("if context.own then true else " * 300 + "true", "brackets, operators"),
    ("context" + '["a"]' * 1_900, "brackets, operators"),
    ("context" + ".a" * 4_000, "brackets, operators"),
    ("true" + " && true" * 1_000, "brackets, operators"),
    ("context.own && " + "-" * 5_000 + "1 == 1", "brackets, operators"),
    ("context.own // \r || " + "(" * 5_000 + "context.own" + ")" * 5_000, "brackets, operators"),
    (f'"{"a" * (MAX_LITERAL + 1)}" == context.purpose', "characters in a literal"),
    ('["' + '", "'.join(["a"] * MAX_POLICY) + '"].isEmpty()', "characters in a policy"),
]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((permit(condition), said) for condition, said in DEEP),
        (permit("context.own")[:-1] + " when { context.own }" * MAX_CLAUSES + ";", "clauses in `x`"),
        (permit("context.own")[:-1] + ' when { context["own"] }' * 2_000 + ";", "at most"),
        (" " * (MAX_TEXT + 1) + permit("true"), "characters: at most"),
        ("\n".join(permit("true").replace('"x"', f'"x{n}"') for n in range(MAX_POLICIES + 1)), "policies: at most"),
    ],
)
def test_a_text_too_large_or_too_deep_is_refused(text: str, said: str) -> None:
    """Cedar's reader would end the process on some of them, and others would cost seconds at each decision."""
    with pytest.raises(PolicyError, match=said):
        Policies(text, SCHEMA)
    with pytest.raises(PolicyError, match=r"at most|nest over"):
        Policies.partnership({"13": text})


def test_an_agency_s_text_is_shorter() -> None:
    text = permit("true") + "\n" + " \n" * MAX_GRANTED
    assert set(read_policies(text.replace(" \n" * MAX_GRANTED, ";\n"[1:]), SCHEMA)) == {"x"}
    with pytest.raises(PolicyError, match="characters: at most"):
        Policies.partnership({"13": text})


def test_what_strings_and_comments_hold_is_not_counted() -> None:
    odd = permit(f'context.own && "{"(!" * 200}" == "\\"(;"')
    other = permit("true").replace('"x"', '"y"')
    text = f"{odd} // {'((&&' * 300}\n{other}"
    assert set(read_policies(text, SCHEMA)) == {"x", "y"}
    assert set(read_policies(permit(" || ".join(["context.own"] * 59)), SCHEMA)) == {"x"}


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ('context.relationships.contains("{}")', "on_roll"),
        ('!context.relationships.containsAny(["core_group", "{}"])', "on_roll"),
        ('context.own || ["{}"] == context.relationships', "on_roll"),
        ('principal.roles.contains("{}")', "social_worker"),
        ('principal["roles"].containsAny(["auditor", "{}"])', "social_worker"),
        ('context.purpose == "{}"', "S47"),
        ('["CIN", "{}"].contains(context.purpose)', "S47"),
        ('resource.category != "{}"', "police"),
        ('["summary", "{}"].contains(resource.level)', "detail"),
    ],
)
@pytest.mark.parametrize("change", ["{}s", "{}-", " {}"])
def test_a_word_that_is_none_is_refused(written: str, word: str, change: str) -> None:
    """A forbid with a misspelt word would not forbid."""
    Policies(permit(written.format(word)), SCHEMA)
    with pytest.raises(PolicyError, match=f"`x` speaks of `{change.format(word)}`"):
        Policies(permit(written.format(change.format(word))), SCHEMA)


def test_a_partnership_of_its_own_has_categories_of_its_own() -> None:
    assert Policies(permit('resource.category == "housing"'), SCHEMA, categories=None).version
    odd = '{"left": context.relationships, "right": "hello"}.right == "hello"'
    assert set(read_policies(permit(odd), SCHEMA)) == {"x"}


def test_what_fails_for_want_of_room_is_not_remembered() -> None:
    policies = Policies.partnership()
    asked = principal(Role.POLICE), Purpose.S47, "status.summary", None
    with patch.object(Slices, "policies", side_effect=RecursionError):
        assert not policies.decide(*asked).permitted
    assert policies.decide(*asked).permitted


def test_an_agency_s_policy_is_named_otherwise_than_the_partnership_s() -> None:
    with pytest.raises(PolicyError, match="the partnership's"):
        Policies.partnership({"13": permit("context.own").replace('"x"', '"shield"')})
