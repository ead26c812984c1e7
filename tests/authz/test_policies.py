"""The whole matrix, cell by cell, against tables written from the partnership's paper and not from the policies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from itertools import product
from typing import Any

import cedarpy
import pytest

from authz.bounded import Bounded
from authz.errors import PolicyError
from authz.policy import CATEGORIES, LEVELS, PARTNERSHIP, SCHEMA, Outlook, Policies, PolicyName, Reason
from authz.policy.table import CELLS as LETTERS
from authz.policy.table import RELATIONSHIPS, Table, gives, read_table, standing_called
from authz.policy.table import differences as table_differences
from authz.principal import Principal, Purpose, Role, may_ask_for
from authz.standing import UNRELATED, Kind, Standing

FOLDER = files("authz.policy") / "partnership"
MATRIX_TEXT, OTHER_TEXT = (
    (FOLDER / "1_matrix.cedar").read_text(),
    PARTNERSHIP[PARTNERSHIP.index("// What a relationship") :],
)
TABLE = read_table((FOLDER / "expected.txt").read_text())

# C0-C9. Each cell is what purpose CIN gives / what S47 and CPP give: Read, Summary, Own agency's only, - nothing.
MATRIX = """
              locator identity contact status case education health sensitive police third_party
social_worker            R/R R/R R/R R/R R/R S/R S/R -/S S/R R/R
team_manager             R/R R/R R/R R/R R/R S/R S/R -/S S/R R/R
conference_chair         -/R -/R -/R -/R -/R -/R -/R -/S -/R -/R
mash_practitioner        R/R R/R R/R R/R S/R S/R S/R -/S S/R S/R
police_public_protection R/R R/R S/R S/R -/S -/S -/S -/- R/R S/R
health_visitor           R/R R/R R/R S/R -/S -/S R/R -/S -/S -/S
named_doctor             R/R R/R S/R S/R -/S -/S R/R -/R -/S -/S
ae_clinician             R/R R/R -/- S/S -/- -/- O/O -/- -/- -/-
school_dsl               R/R R/R R/R S/R -/S R/R -/S -/- S/S -/-
administrator            R/R R/R S/S S/S -/- -/- -/- -/- -/- -/-
"""
COLUMNS, *ROWS = (line.split() for line in MATRIX.strip().splitlines())
CELLS = {row[0]: dict(zip(COLUMNS, (cell.split("/") for cell in row[1:]), strict=True)) for row in ROWS}

TRIAGE_ROLES = {"social_worker", "team_manager", "mash_practitioner", "police_public_protection"}
SCHOOL_CELLS = {"locator": "R", "identity": "R", "contact": "R", "education": "R", "status": "S"}
OWNER_ONLY = {
    ("social_worker", "case"),
    ("social_worker", "contact"),
    ("team_manager", "case"),
    ("team_manager", "contact"),
    ("police_public_protection", "police"),
    ("school_dsl", "education"),
}
"""The people of the owning agency: legal advice and placements, intelligence, the school's concern log."""

OWNER_PURPOSES = {"CIN", "S47", "CPP", "EMERG"}


RELATED = {"school_dsl": Standing(frozenset(("on_roll",)))}
"""What the matrix is for: children whom somebody works with; of a school, those on its roll."""

ONE_OF_TEAM = Standing(team=True)


def cell(role: str, purpose: str, category: str) -> str:
    """What the paper gives: R, S, O or -."""
    if category == "oversight":
        return "R" if role in {"auditor", "caldicott_guardian"} and purpose == "AUDIT" else "-"
    if role == "shield_steward":
        return "R" if category in {"locator", "shield"} and purpose in {*OWNER_PURPOSES, "TRIAGE"} else "-"
    if role not in CELLS:
        return "-"  # auditor, guardian and developer browse nothing
    if category == "shield":
        return "-"
    child_in_need, protection = CELLS[role]["case" if category == "plan" else category]
    match purpose:
        case "CIN":
            return child_in_need
        case "TRIAGE":
            return child_in_need if role in TRIAGE_ROLES else "-"
        case "S47" | "CPP":
            return protection
        case "EMERG":
            return protection if category != "sensitive" or role == "named_doctor" else "-"
        case "SCHOOL":
            return SCHOOL_CELLS.get(category, "-") if role == "school_dsl" else "-"
        case _:
            return "-"  # AUDIT gives nothing; EH is tested apart


def expected(role: str, purpose: str, category: str, level: str, own: bool, standing: Standing) -> bool:
    """What the paper gives of a child in this standing."""
    if not standing.related and role not in ("shield_steward", "auditor", "caldicott_guardian"):
        return without_relationship(role, purpose, category, level, own)
    if level == "owner":
        purposes = OWNER_PURPOSES | ({"SCHOOL"} if role == "school_dsl" else {"TRIAGE"})
        return own and (role, category) in OWNER_ONLY and purpose in purposes
    given = cell(role, purpose, category)
    return given == "R" or (given == "S" and level == "summary") or (given == "O" and own)


def without_relationship(role: str, purpose: str, category: str, level: str, own: bool) -> bool:
    """Who holds a record, who the child is, whether there is a plan; of the own department the attendance's dates."""
    if role == "school_dsl" or level == "owner":
        return False
    given = cell(role, purpose, category)
    if category in ("locator", "identity"):
        return given == "R"
    if category == "status":
        return level == "summary" and given in ("R", "S")
    return category == "health" and given == "O" and own and level == "summary"


def principal(*roles: str, agency: str = "380") -> Principal:
    return Principal("s", "https://idp.example", "console", tuple(Role(role) for role in roles), agency)


@pytest.fixture(scope="module")
def policies() -> Policies:
    return Policies.partnership()


def differences(policies: Policies, roles: list[str], standing: Standing | None = None) -> Iterator[str]:
    """Every cell in which the policies do not decide as the paper says."""
    purposes = [purpose for purpose in Purpose if purpose is not Purpose.EH]
    for role, purpose, category, level, own in product(roles, purposes, CATEGORIES, LEVELS, (False, True)):
        for known in (standing,) if standing else (RELATED.get(role, ONE_OF_TEAM), UNRELATED):
            permitted = policies.permits((principal(role), purpose), PolicyName(category, level), known, own=own)
            if permitted is not expected(role, purpose.value, category, level, own, known):
                yield f"{role} {purpose.value} {category}.{level} own={own} {known.related}: {permitted}"


def test_the_table_has_every_role_and_category() -> None:
    assert {*COLUMNS, "plan", "shield", "oversight"} == set(CATEGORIES) == set(TABLE.columns)
    others = {"auditor", "caldicott_guardian", "agency_developer", "shield_steward"}
    assert set(CELLS) | others == {role.value for role in Role}
    assert len(CELLS) == 10


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_every_cell_of_the_matrix(policies: Policies, role: str) -> None:
    assert list(differences(policies, [role])) == []


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("category", CATEGORIES)
def test_without_an_own_agency_nothing_is_own(policies: Policies, category: str, level: str) -> None:
    """Held by no one agency (None), by an unnamed one, or by nobody's: none is the principal's."""
    for role, purpose in product(CELLS, Purpose):
        for agency, holder in (("380", None), ("", None), ("", ""), ("380", "")):
            asking = principal(role, agency=agency)
            if purpose is Purpose.EH:
                continue
            for known in (RELATED.get(role, ONE_OF_TEAM), UNRELATED):
                decision = policies.decide(asking, purpose, f"{category}.{level}", holder, known)
                assert decision.permitted is expected(role, purpose.value, category, level, False, known)


_BLOCKS = re.split(r"(?m)^(?=@id\()", MATRIX_TEXT)[1:]
_IDS = [re.findall(r'^@id\("(.+)"\)', block)[0] for block in _BLOCKS]


@pytest.mark.parametrize("number", range(len(_BLOCKS)), ids=_IDS)
def test_each_policy_carries_cells_of_the_matrix(number: int) -> None:
    """Taken away it is missed; for every purpose it gives a cell too many."""
    role = _IDS[number].partition(".")[0]
    without = "".join(_BLOCKS[:number] + _BLOCKS[number + 1 :]) + OTHER_TEXT
    assert any(differences(Policies(without, SCHEMA), [role]))
    *_, condition = re.findall(r"(?m)^  .*context\.purpose.*$", _BLOCKS[number])
    wider = _BLOCKS[number].replace(condition, "  true &&")
    text = "".join(wider if place == number else block for place, block in enumerate(_BLOCKS)) + OTHER_TEXT
    assert any(differences(Policies(text, SCHEMA), [role]))


@pytest.mark.parametrize("role", list(CELLS))
def test_a_policy_of_any_level_or_role_is_noticed(role: str) -> None:
    """A role's first policy without its level gives the owner's; without its role, gives it to all."""
    number = next(place for place, name in enumerate(_IDS) if name.startswith(f"{role}."))
    for pattern, roles in ((r"(?m)^  .*resource\.level.*$", [role]), (r"(?m)^  .*roles\.contains.* &&$", ["auditor"])):
        wider = re.sub(pattern, lambda found: "  true &&" if found[0].endswith("&&") else "  true", _BLOCKS[number])
        text = "".join(wider if place == number else block for place, block in enumerate(_BLOCKS)) + OTHER_TEXT
        assert any(differences(Policies(text, SCHEMA), roles, RELATED.get(role, ONE_OF_TEAM)))


def test_every_policy_is_named_and_only_this_many_stand() -> None:
    assert len(re.findall(r"(?m)^\s*(permit|forbid)\b", MATRIX_TEXT)) == len(_BLOCKS) == len(set(_IDS))
    assert "forbid" not in re.sub(r"//.*", "", MATRIX_TEXT)


# the table that ships, with every relationship

Key = tuple[Role, Purpose, str, str, str, bool]


@pytest.fixture(scope="module")
def decided(policies: Policies) -> dict[Key, bool]:
    """All that the table speaks of, as it is decided."""
    found: dict[Key, bool] = {}
    for role, purpose, relationship in TABLE.expected():
        standing, asking = standing_called(relationship), (principal(role.value), purpose)
        for category, level, own in product(TABLE.columns, LEVELS, (True, False)):
            permitted = policies.permits(asking, PolicyName(category, level), standing, own=own)
            found[role, purpose, relationship, category, level, own] = permitted
    return found


def disagreements(decided: dict[Key, bool], table: Table) -> Iterator[Key]:
    for (role, purpose, relationship), cells in table.expected().items():
        for (category, letters), level, own in product(zip(table.columns, cells, strict=True), LEVELS, (True, False)):
            key = (role, purpose, relationship, category, level, own)
            if decided[key] is not gives(letters, level, own=own):
                yield key


def test_the_policies_decide_as_the_table_says(decided: dict[Key, bool]) -> None:
    assert list(disagreements(decided, TABLE)) == []


def test_any_cell_of_the_table_that_is_flipped_is_noticed(decided: dict[Key, bool]) -> None:
    """Each cell of each line, to each other letter."""
    assert len(TABLE.lines) > 50
    assert all(line.cells for line in TABLE.lines)
    for place, line in enumerate(TABLE.lines):
        for column, letters in enumerate(line.cells):
            for other in LETTERS:
                if other != letters:
                    cells = (*line.cells[:column], other, *line.cells[column + 1 :])
                    wrong = (*TABLE.lines[:place], replace(line, cells=cells), *TABLE.lines[place + 1 :])
                    spoken = {(line.role, purpose, r) for purpose in line.purposes for r in line.relationships}
                    narrow = {key: c for key, c in Table(TABLE.columns, wrong).expected().items() if key in spoken}
                    assert any(
                        decided[*key, TABLE.columns[column], level, own] is not gives(cells[column], level, own=own)
                        for key, cells in narrow.items()
                        for level, own in product(LEVELS, (True, False))
                    ), (line, column, other)


def test_the_command_says_what_differs(policies: Policies) -> None:
    line = TABLE.lines[0]
    narrow = Table(TABLE.columns[:1], (replace(line, cells=("-",)),))
    with_sign_in = [d for d in table_differences(policies, narrow) if d.startswith("social_worker CIN none")]
    assert "social_worker CIN none locator.detail (own agency's): permitted" in with_sign_in


def test_a_line_that_is_none_is_refused() -> None:
    head = "purposes relationships role case\n"
    for text in ("", head, "case\n", f"{head}CIN any social_worker\n", f"{head}CIN any social_worker X\n"):
        with pytest.raises(PolicyError, match=r"has no line|are expected"):
            read_table(text)
    for line in ("LUNCH any social_worker R", "CIN friends social_worker R", "CIN any butcher R", "CIN"):
        with pytest.raises(PolicyError, match="line 2"):
            read_table(head + line)


# what is said before it is known of which child


@pytest.mark.parametrize(
    ("role", "purpose", "name", "outlook"),
    [
        ("social_worker", Purpose.S47, "police.detail", Outlook.DEPENDS),
        ("social_worker", Purpose.S47, "identity.detail", Outlook.PERMITTED),
        ("police_public_protection", Purpose.S47, "status.summary", Outlook.PERMITTED),
        ("police_public_protection", Purpose.S47, "police.owner", Outlook.DEPENDS),
        ("social_worker", Purpose.CIN, "police.detail", Outlook.DENIED),
        ("school_dsl", Purpose.S47, "education.detail", Outlook.DEPENDS),
        ("school_dsl", Purpose.S47, "education.owner", Outlook.DEPENDS),
        ("ae_clinician", Purpose.S47, "health.detail", Outlook.DEPENDS),
        ("health_visitor", Purpose.CPP, "plan.detail", Outlook.DEPENDS),
        ("social_worker", Purpose.EH, "identity.detail", Outlook.DEPENDS),
        ("social_worker", None, "case.detail", Outlook.DENIED),
        ("social_worker", Purpose.S47, "case.everything", Outlook.DENIED),
        ("auditor", Purpose.AUDIT, "locator.summary", Outlook.DENIED),
    ],
)
def test_the_outlook(policies: Policies, role: str, purpose: Purpose | None, name: str, outlook: Outlook) -> None:
    assert policies.outlook(principal(role), purpose, name) is outlook


def test_the_outlook_with_break_glass(policies: Policies) -> None:
    asking = principal("police_public_protection")
    assert policies.outlook(asking, Purpose.S47, "sensitive.detail") is Outlook.DENIED
    assert policies.outlook(asking, Purpose.S47, "sensitive.detail", break_glass=True) is Outlook.DEPENDS


def test_the_outlook_with_a_claim() -> None:
    claims = '@id("x") permit (principal, action, resource) when { context.claimed };'
    policies, asking = Policies(claims, SCHEMA), principal("mash_practitioner")
    assert policies.outlook(asking, Purpose.TRIAGE, "contact.detail") is Outlook.DENIED
    assert policies.outlook(asking, Purpose.TRIAGE, "contact.detail", claimed=True) is Outlook.DEPENDS


def test_of_more_kinds_than_are_tried_what_comes_depends_on_the_child() -> None:
    kinds = ", ".join(f'"{kind.value}"' for kind in Kind)
    every = f'@id("x") permit (principal, action, resource) when {{ context.relationships.containsAny([{kinds}]) }};'
    policies, asking = Policies(every, SCHEMA), principal("social_worker")
    assert policies.outlook(asking, Purpose.CIN, "case.detail") is Outlook.DEPENDS
    assert policies.decide(asking, Purpose.CIN, "case.detail", None).reason is Reason.NO_RELATIONSHIP
    assert policies.decide(asking, Purpose.CIN, "case.detail", None, Standing(frozenset(("enquiry",)))).permitted


# agencies' own grants

FORBIDS = '@id("closed")\nforbid (principal, action, resource) when { !context.own && resource.category == "police" };'
OPENS = '@id("open")\npermit (principal, action, resource) when { resource.category == "sensitive" };'


def test_an_agency_forbids_what_it_holds_and_no_other_s() -> None:
    policies = Policies.partnership({"13": FORBIDS})
    asking = principal("social_worker")
    decision = policies.decide(asking, Purpose.S47, "police.detail", "13", ONE_OF_TEAM)
    assert (decision.permitted, decision.by, decision.reason) == (False, ("closed",), Reason.OWNER_FORBIDS)
    assert policies.decide(asking, Purpose.S47, "police.detail", "14", ONE_OF_TEAM).permitted
    officer = principal("police_public_protection", agency="13")
    assert policies.decide(officer, Purpose.S47, "police.owner", "13", ONE_OF_TEAM).permitted
    assert policies.outlook(asking, Purpose.S47, "police.detail") is Outlook.DEPENDS


def test_an_agency_opens_its_own_and_no_other_s() -> None:
    policies = Policies.partnership({"RAE": OPENS})
    asking = principal("ae_clinician")
    assert policies.decide(asking, Purpose.S47, "sensitive.detail", "RAE").permitted
    assert not policies.decide(asking, Purpose.S47, "sensitive.detail", "RR8").permitted
    assert not policies.decide(asking, Purpose.S47, "sensitive.detail", None).permitted
    shielded = Standing(shielded=True)
    assert not policies.decide(asking, Purpose.S47, "sensitive.detail", "RAE", shielded).permitted


def test_grants_count_in_the_version_and_are_checked() -> None:
    assert Policies.partnership({"13": FORBIDS}).version != Policies.partnership({"14": FORBIDS}).version
    with pytest.raises(PolicyError, match="the policies can't be loaded: unexpected end of input"):
        Policies.partnership({"13": "permit"})


@pytest.mark.parametrize("role", list(Role))
def test_a_shielded_child_is_known_to_the_steward_alone(policies: Policies, role: Role) -> None:
    hidden = Standing(shielded=True, break_glass=True, claimed=True, team=True, relationships=frozenset(("allocated",)))
    for purpose in Purpose:
        assert policies.knows(principal(role.value), purpose, hidden) is (role is Role.SHIELD_STEWARD)
    assert not policies.knows(principal(role.value), None, UNRELATED)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_be_told_who_holds_a_record_knows_of_the_child_and_nobody_else_does(
    policies: Policies, role: Role
) -> None:
    known = 0
    for purpose in (each for each in Purpose if may_ask_for((role,), each)):
        for word in RELATIONSHIPS:
            who, standing = principal(role.value), standing_called(word)
            told = any(
                policies.permits((who, purpose), PolicyName("locator", "summary"), standing, own=own)
                for own in (True, False)
            )
            if not (word == "shielded" or role is Role.SHIELD_STEWARD):
                assert policies.knows(who, purpose, standing) is told, (purpose, word)
            known += told
    assert bool(known) is (role not in (Role.AUDITOR, Role.GUARDIAN, Role.DEVELOPER))


# what is said of a decision


def test_a_permit_names_its_policy(policies: Policies) -> None:
    decision = policies.decide(principal("named_doctor"), Purpose.EMERG, "sensitive.detail", "RAE", ONE_OF_TEAM)
    assert (decision.permitted, decision.by, decision.reason) == (True, ("named_doctor.s47.sensitive-read",), None)


@pytest.mark.parametrize(
    ("role", "purpose", "name", "reason"),
    [
        ("social_worker", None, "case.detail", Reason.PURPOSE_MISSING),
        ("social_worker", Purpose.AUDIT, "case.detail", Reason.PURPOSE_DOES_NOT_PERMIT),
        ("social_worker", Purpose.CIN, "police.detail", Reason.PURPOSE_DOES_NOT_PERMIT),
        ("social_worker", Purpose.S47, "sensitive.detail", Reason.ROLE_DOES_NOT_PERMIT),
        ("auditor", Purpose.S47, "locator.summary", Reason.ROLE_DOES_NOT_PERMIT),
        ("social_worker", Purpose.S47, "police.owner", Reason.OWNER_ONLY),
        ("school_dsl", Purpose.S47, "education.detail", Reason.NO_RELATIONSHIP),
        ("team_manager", Purpose.S47, "case.detail", Reason.NO_RELATIONSHIP),
        ("ae_clinician", Purpose.S47, "health.detail", Reason.OWNER_ONLY),
        ("police_public_protection", Purpose.S47, "police.detail", Reason.NO_RELATIONSHIP),
        ("administrator", Purpose.CIN, "contact.summary", Reason.NO_RELATIONSHIP),
        ("social_worker", Purpose.S47, "case.everything", Reason.POLICY_UNKNOWN),
    ],
)
def test_a_denial_says_why(policies: Policies, role: str, purpose: Purpose | None, name: str, reason: Reason) -> None:
    decision = policies.decide(principal(role), purpose, name, "13")
    assert not decision.permitted
    assert decision.reason is reason


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "case",
        "case.",
        ".detail",
        "case.detail.",
        "case..detail",
        "Case.detail",
        "case.DETAIL",
        "case detail",
        "*.detail",
        "case.*",
        " case.detail",
    ],
)
def test_unknown_names_are_denied(policies: Policies, name: str) -> None:
    for role in CELLS:
        decision = policies.decide(principal(role), Purpose.S47, name, "380")
        assert (decision.permitted, decision.reason) == (False, Reason.POLICY_UNKNOWN)


def test_no_role_is_nothing_and_several_are_their_union(policies: Policies) -> None:
    both = ("police_public_protection", "school_dsl")
    for purpose, category, level in product(Purpose, CATEGORIES, LEVELS):
        name = f"{category}.{level}"
        assert not policies.decide(principal(), purpose, name, "380").permitted
        union = any(policies.decide(principal(role), purpose, name, "380").permitted for role in both)
        assert policies.decide(principal(*both), purpose, name, "380").permitted is union
        alone = policies.decide(principal(both[0]), purpose, name, "1").permitted
        with_auditor = policies.decide(principal("auditor", both[0]), purpose, name, "1").permitted
        assert with_auditor is (alone or (category == "oversight" and purpose is Purpose.AUDIT and level != "owner"))


def test_what_was_decided_once_is_remembered_and_an_error_is_not(
    policies: Policies, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    decide = cedarpy.is_authorized

    def counted(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return decide(*arguments)

    def failing(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        raise RuntimeError

    monkeypatch.setattr(cedarpy, "is_authorized", counted)
    monkeypatch.setattr(policies, "_memo", Bounded(10))
    who, case = principal("named_doctor", agency="RAE"), ("health.detail", "RR8", ONE_OF_TEAM)
    for _ in range(3):
        assert policies.decide(who, Purpose.CPP, *case).permitted
    assert asked == 1
    monkeypatch.setattr(cedarpy, "is_authorized", failing)
    monkeypatch.setattr(policies, "_memo", Bounded(10))
    for _ in range(2):
        before = asked
        assert not policies.decide(who, Purpose.CPP, *case).permitted
        assert asked > before


def test_the_memo_never_mixes_principals(policies: Policies) -> None:
    """The same question by turns: own and foreign, one role and another."""
    own, foreign = principal("ae_clinician", agency="RAE"), principal("ae_clinician")
    asked = ("health.detail", "RAE", ONE_OF_TEAM)
    for _ in range(3):
        assert policies.decide(own, Purpose.S47, *asked).permitted
        assert not policies.decide(own, Purpose.S47, "health.detail", "RAE", UNRELATED).permitted
        assert not policies.decide(foreign, Purpose.S47, *asked).permitted
        assert not policies.decide(
            principal("administrator"), Purpose.S47, "health.detail", "380", ONE_OF_TEAM
        ).permitted
        assert not policies.decide(own, Purpose.EH, *asked).permitted


# loading

ALL = '@id("all")\npermit (principal, action, resource);\n'
OVERFLOW = "when { 9223372036854775807 + 1 == 0 };\n"


@pytest.mark.parametrize("effect", ["forbid", "permit"])
def test_a_policy_that_errs_denies_everything(effect: str) -> None:
    """Cedar passes over a policy that errs, even a prohibition: that would be a permit."""
    erring = f'@id("erring")\n{effect} (principal, action, resource) {OVERFLOW}'
    assert Policies(ALL, SCHEMA).decide(principal("auditor"), Purpose.S47, "case.detail", None).permitted
    for text in (erring + ALL, ALL + erring):
        assert not Policies(text, SCHEMA).decide(principal("auditor"), Purpose.S47, "case.detail", None).permitted


def test_a_prohibition_wins() -> None:
    text = ALL + '@id("not")\nforbid (principal, action, resource) when { context.own };\n'
    policies = Policies(text, SCHEMA)
    assert policies.decide(principal("auditor"), Purpose.S47, "case.detail", "13").permitted
    decision = policies.decide(principal("auditor"), Purpose.S47, "case.detail", "380")
    assert (decision.permitted, decision.by) == (False, ("not",))


@pytest.mark.parametrize(
    "unnamed",
    [
        "permit (principal, action, resource);\n",
        "permit(principal, action, resource);\n",
        " permit (principal, action, resource);\n",
        "permit\n(principal, action, resource);\n",
        '@note("n") permit (principal, action, resource);\n',
        "@id permit (principal, action, resource);\n",
        '@id("") permit (principal, action, resource);\n',
        '@id("own") permit (principal, action, resource);\n',
    ],
)
def test_a_policy_without_a_name_of_its_own_is_refused(unnamed: str) -> None:
    own = '@id("own")\npermit (principal, action, resource) when { context.own };\n'
    Policies(own, SCHEMA)
    for text in (unnamed + own, own + unnamed):
        with pytest.raises(PolicyError, match="every policy needs an"):
            Policies(text, SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "permit",
        '@id("x")\npermit (principal, action, resource) when { context.nothing };\n',
        '@id("x")\npermit (principal, action, resource) when { resource.owner == "x" };\n',
        '@id("x")\npermit (principal, action == Action::"read", resource);\n',
        '@id("x")\npermit (principal is Person, action, resource);\n',
        '@id("x")\npermit (principal, action, resource) when { context.purpose == 5 };\n',
    ],
)
def test_text_that_does_not_parse_or_fit_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match="the policies"):
        Policies(text, SCHEMA)


def test_a_schema_that_is_none_is_refused() -> None:
    for schema in ("", "{", "[]", '{"": 5}'):
        with pytest.raises(PolicyError, match="the policies can't be loaded"):
            Policies(ALL, schema)


def test_names_follow_the_policies_and_not_their_place() -> None:
    one = '@id("one")\npermit (principal, action, resource) when { context.purpose == "CIN" };\n'
    two = '@id("two")\npermit (principal, action, resource) when { context.purpose == "S47" };\n'
    for text in (one + two, two + one):
        decision = Policies(text, SCHEMA).decide(principal("auditor"), Purpose.S47, "case.detail", None)
        assert decision.by == ("two",)


def test_the_version_follows_the_text() -> None:
    assert Policies(ALL, SCHEMA).version == Policies(ALL, SCHEMA).version
    assert Policies(ALL, SCHEMA).version != Policies(ALL + "\n", SCHEMA).version
