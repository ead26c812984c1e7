"""Attacks, each refused: on what leaves an agency, and on what an answer gives away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
import pytest

from authz.assertion import AssertionVerifier, Signer, make_key, public_keys
from authz.errors import TokenError
from authz.principal import Purpose
from gateway.composition import SubgraphSource, compose
from gateway.edge.request import read_request
from gateway.errors import NotAcceptable, RequestError
from tests.access.agencies import INDEX, POLICE
from tests.access.partnership import Partnership, Person, Tie, somebody, value, withheld

ROLL = (Tie("ON_ROLL", "990001"),)
DSL = somebody("school_dsl", "990001")
WORKER = somebody("social_worker")
CLERK = somebody("administrator")
MINE = Person("a", ties=ROLL, held={"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)}, siblings=("b", "s"))
OTHER = Person("b", held={"CARE": ("380",), "POLICE": ("13",), "HEALTH": ("RAE",)})
HIDDEN = Person("s", shielded=True, ties=ROLL, held={"CARE": ("380",), "POLICE": ("13",)})
SECRET = value("narrative", "a", "13")


@pytest.fixture
def network() -> Partnership:
    return Partnership.of(MINE, OTHER, HIDDEN, meetings={"m": ("a", "b"), "h": ("a", "s")})


def without_id(answer: Mapping[str, Any]) -> bytes:
    cps = {key: item for key, item in answer["extensions"]["cps"].items() if key != "auditId"}
    return orjson.dumps({**answer, "extensions": {"cps": cps}})


# hiding what is asked

HIDING = (
    '{ child(id: "a") { police { narrative } } }',
    '{ child(id: "a") { police { officer: narrative } } }',
    '{ child(id: "a") { police { id: narrative } } }',
    '{ child(id: "a") { x: police { ...F } } } fragment F on PoliceRecord { narrative }',
    '{ child(id: "a") { ... on Child { police { ... on PoliceRecord { n: narrative } } } } }',
    'query($v: Boolean = true) { child(id: "a") { police { narrative @include(if: $v) } } }',
    '{ child(id: "a") { police { narrative @skip(if: false) } police { officer } } }',
    '{ findChildren(surname: "Smith") { police { narrative } } }',
    '{ one: child(id: "a") { police { narrative } } two: child(id: "a") { police { a: narrative b: narrative } } }',
    '{ child(id: "a") { care { siblings { police { narrative } } } police { narrative } } }',
    '{ meeting(id: "m") { children { police { narrative } } } }',
)


@pytest.mark.parametrize("query", HIDING)
@pytest.mark.parametrize("who", [DSL, CLERK], ids=["lead", "clerk"])
async def test_aliases_and_fragments_hide_nothing(network: Partnership, query: str, who: Any) -> None:
    answer = await network.ask(query, who)
    assert SECRET not in orjson.dumps(answer).decode()
    assert b"narrative|" not in network.moved
    assert not any("narrative" in each.query for each in network.transport.exchanged)


async def test_a_withheld_field_under_a_permitted_one_s_name_is_not_taken_for_it(network: Partnership) -> None:
    query = '{ child(id: "a") { police { officer: narrative who: officer } } }'
    answer = await network.ask(query, DSL)
    assert answer["data"]["child"]["police"] == [{"officer": None, "who": value("officer", "a", "13")}]


async def test_the_type_s_name_of_what_is_withheld_says_nothing(network: Partnership) -> None:
    """Whoever may not know that an agency holds a record does not learn it from `__typename`, or from the count."""
    answers = []
    for held in ({"POLICE": ("13", "14")}, {}):
        other = Partnership.of(Person("b", held=held))
        answers.append(await other.ask('{ child(id: "b") { id police { __typename } } }', DSL))
    assert without_id(answers[0]) == without_id(answers[1])


@pytest.mark.parametrize(
    ("query", "seen", "unseen"),
    [
        ('{ named(id: "%s") { forename } }', {"forename": value("forename", "a")}, None),
        (
            '{ named(id: "%s") { __typename ... on Child { id surname } } }',
            {"__typename": "Child", "id": "a", "surname": value("surname", "a")},
            None,
        ),
        (
            '{ anyone(id: "%s") { ... on Named { forename } ... on Agency { code } } }',
            [{"forename": value("forename", "a")}, {"code": "380"}],
            [{"code": "380"}],
        ),
        (
            '{ anyone(id: "%s") { __typename ... on Child { police { officer narrative } } } }',
            [
                {"__typename": "Child", "police": [{"officer": value("officer", "a", "13"), "narrative": None}]},
                {"__typename": "Agency"},
            ],
            [{"__typename": "Agency"}],
        ),
    ],
)
async def test_interfaces_and_unions_are_no_way_round(
    network: Partnership, query: str, seen: object, unseen: object
) -> None:
    for child, expected in (("a", seen), ("b", unseen), ("s", unseen), ("n", unseen)):
        answer = await network.ask(query % child, DSL)
        (found,) = answer["data"].values()
        assert found == expected
        assert child == "a" or value("forename", child).encode() not in network.moved


# guessing values


@pytest.mark.parametrize("argument", ["narrative", "officer", "orderBy", "where", "filter"])
async def test_there_is_nothing_to_filter_or_order_by(network: Partnership, argument: str) -> None:
    with pytest.raises(RequestError, match="Unknown argument"):
        await network.ask(f'{{ child(id: "a") {{ police({argument}: "x") {{ officer }} }} }}', DSL)


async def test_counts_and_indices_of_errors_do_not_tell_of_children_left_out(network: Partnership) -> None:
    def broken() -> Any:
        raise AssertionError

    network.transport.broken["police"] = lambda: _error_for_each(network)
    query = '{ findChildren(surname: "Smith") { id police { officer } } }'
    answer = await network.ask(query, DSL)
    assert [child["id"] for child in answer["data"]["findChildren"]] == ["a"]
    for error in answer["errors"]:
        assert error["path"][:2] == ["findChildren", 0]


def _error_for_each(_: Partnership) -> Any:
    from gateway.execution import Answer

    errors = [{"message": "no", "path": ["_entities", 0, "police"]}, {"message": SECRET, "path": ["_entities", 7]}]
    return Answer(200, "application/json", orjson.dumps({"data": {"_entities": [None]}, "errors": errors}))


async def test_an_agency_s_words_do_not_reach_the_client(network: Partnership) -> None:
    network.transport.broken["police"] = lambda: _error_for_each(network)
    answer = await network.ask('{ child(id: "a") { police { officer } } }', WORKER)
    assert SECRET not in orjson.dumps(answer).decode()


# side channels of the engine


@pytest.mark.parametrize("directive", ['@requires(fields: "markers")', '@provides(fields: "x")'])
def test_a_permitted_field_is_not_computed_from_a_withheld_one(directive: str) -> None:
    """`risk` is under a policy that gives more than the field that it is made from."""
    more = (
        'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@policy", "@external",'
        ' "@requires", "@provides"])\n'
        'type PoliceRecord @key(fields: "id") { id: ID! markers: String @external\n'
        f'  risk: String @policy(policies: [["locator.summary"]]) {directive} }}'
    )
    sources = {"index": INDEX, "police": POLICE, "risk": more}
    result = compose([SubgraphSource(name, f"http://{name}/", sdl) for name, sdl in sources.items()])
    assert result.supergraph is None
    if "requires" in directive:
        assert {error.code for error in result.errors} >= {"MISSING_TRANSITIVE_AUTH_REQUIREMENTS"}


async def test_plans_do_not_cross_from_one_principal_to_another(network: Partnership) -> None:
    """Same role, agency and purpose, so one plan: what each may have of a child is decided for each."""
    query = '{ findChildren(surname: "Smith") { id care { note } } }'
    east = Person("e", ties=(Tie("ALLOCATED", "380", "East"),), held={"CARE": ("380",)})
    west = Person("w", ties=(Tie("ALLOCATED", "380", "West"),), held={"CARE": ("380",)})
    shared = Partnership.of(east, west)
    for _ in range(3):
        for team, child in (("East", "e"), ("West", "w"), ("", None)):
            answer = await shared.ask(query, somebody("team_manager", "380", team))
            noted = [found["id"] for found in answer["data"]["findChildren"] if found["care"][0]["note"]]
            assert noted == ([child] if child else [])
            assert (value("note", "w", "380").encode() in shared.moved) is (child == "w")
    assert len(shared.pipeline.preparer.plans.kept) == 1


async def test_many_children_in_one_batch_are_decided_one_by_one() -> None:
    people = [Person(f"c{n}", ties=ROLL if n % 3 == 0 else (), held={"POLICE": ("13",)}) for n in range(60)]
    network = Partnership.of(*people)
    aliases = " ".join(f'a{n}: child(id: "c{n}") {{ police {{ officer }} }}' for n in range(25))
    answer = await network.ask(f"{{ {aliases} }}", DSL)
    for n in range(25):
        assert (answer["data"][f"a{n}"] is not None) is (n % 3 == 0)
    assert set().union(*(each.asked_about for each in network.asked("police"))) == {f"c{n}" for n in range(0, 25, 3)}


# who holds what


async def test_who_holds_what_is_not_read_off_what_was_asked_or_withheld() -> None:
    """Of a child whom a practitioner may not be told of, an answer is the same whoever holds a record."""
    query = '{ child(id: "b") { id care { leadWorker } police { officer } health { reason } } }'
    answers = []
    for held in ({}, {"CARE": ("380",)}, {"POLICE": ("13", "14"), "HEALTH": ("RAE",)}):
        network = Partnership.of(Person("b", held=held))
        answer = await network.ask(query, DSL)
        assert [each.agency for each in network.transport.exchanged] == ["index"]
        answers.append(without_id(answer))
    assert len(set(answers)) == 1


async def test_what_may_not_be_had_of_any_child_is_named_whether_or_not_it_is_held() -> None:
    answers = []
    for held in ({"POLICE": ()}, {"POLICE": ("13",)}):
        network = Partnership.of(Person("a", ties=ROLL, held=held))
        answer = await network.ask('{ child(id: "a") { police { narrative } } }', DSL)
        answers.append(withheld(answer))
    assert answers[0] == answers[1] == {"child.police.narrative": "ROLE_DOES_NOT_PERMIT"}


# the shield

SHIELD = (
    'child(id: "%s") { id forename }',
    'child(nhs: "nhs-%s") { id care { leadWorker } }',
    'child(id: "%s") { __typename }',
    'x: child(id: "%s") { police { officer } health { reason } }',
    'child(id: "%s") { id care { siblings { id } } }',
    'child(id: "%s") { id locality }',
    'child(id: "%s") { latestPolice { id narrative } }',
)


@pytest.mark.parametrize("asked", SHIELD)
@pytest.mark.parametrize("who", [WORKER, DSL, somebody("police_public_protection", "13")], ids=["sw", "dsl", "police"])
async def test_a_shielded_child_is_answered_like_one_that_does_not_exist(
    network: Partnership, asked: str, who: Any
) -> None:
    for purpose in (Purpose.S47, Purpose.CIN):
        hidden = await network.ask(f"{{ {asked % 's'} }}", who, purpose)
        agencies = [each.agency for each in network.transport.exchanged]
        missing = await network.ask(f"{{ {asked % 'n'} }}", who, purpose)
        assert without_id(hidden) == without_id(missing)
        assert len(hidden["extensions"]["cps"]["auditId"]) == len(missing["extensions"]["cps"]["auditId"])
        assert agencies == [each.agency for each in network.transport.exchanged] == ["index"]


@pytest.mark.parametrize("who", [WORKER, DSL], ids=["sw", "dsl"])
async def test_a_shielded_child_is_in_no_list_and_no_count(who: Any) -> None:
    with_hidden = Partnership.of(MINE, HIDDEN)
    without = Partnership.of(Person("a", ties=ROLL, held=MINE.held, siblings=()))
    for query in (
        '{ findChildren(surname: "Smith") { id forename police { officer } } }',
        '{ findChildren(surname: "Smith") { care { siblings { id forename } } } }',
        '{ child(id: "a") { care { siblings { id police { officer } } } } }',
    ):
        assert without_id(await with_hidden.ask(query, who)) == without_id(await without.ask(query, who))


@pytest.mark.parametrize("who", [WORKER, DSL, CLERK], ids=["sw", "dsl", "clerk"])
async def test_what_is_about_a_shielded_child_is_answered_like_what_is_about_nobody(who: Any) -> None:
    meetings = {"m": ("s",)}, {"m": ("n",)}, {"m": ("a", "s")}, {"m": ("a", "n")}
    for query in ('{ meeting(id: "m") { room minutes } }', '{ meeting(id: "m") { minutes children { id forename } } }'):
        answers = []
        for about in meetings:
            network = Partnership.of(MINE, HIDDEN, meetings=about)
            answer = await network.ask(query, who)
            answers.append((without_id(answer), [each.agency for each in network.transport.exchanged]))
        assert answers[0] == answers[1]
        assert answers[2] == answers[3]


async def test_the_steward_alone_finds_a_shielded_child(network: Partnership) -> None:
    answer = await network.ask(
        '{ child(id: "s") { id forename care { leadWorker note } } }', somebody("shield_steward")
    )
    assert answer["data"]["child"] == {
        "id": "s",
        "forename": None,
        "care": [{"leadWorker": value("leadWorker", "s", "380"), "note": None}],
    }


# what agencies are sent


@pytest.mark.parametrize(
    "header", ["x\r\ncps-assertion: forged", "x\ncps-purpose: S47", "x y", "ä", "", "x" * 65, "a:b"]
)
def test_no_header_of_the_client_s_reaches_a_request_to_an_agency(header: str) -> None:
    with pytest.raises(NotAcceptable, match="`CPS-Break-Glass` is the id of a grant"):
        read_request(b'{"query": "{a}"}', None, header)
    with pytest.raises(NotAcceptable, match="the purpose is one of TRIAGE, EH, CIN, S47, CPP, EMERG"):
        read_request(b'{"query": "{a}"}', header)


async def test_a_claim_with_line_breaks_stays_inside_the_assertion(network: Partnership) -> None:
    signer = Signer("cps", make_key())
    signed = Partnership.of(MINE, signer=signer)
    odd = somebody("social_worker", subject='x\r\ncps-request-id: forged\r\n"')
    await signed.ask('{ child(id: "a") { forename } }', odd)
    assert signed.transport.exchanged
    for each in signed.transport.exchanged:
        lines = each.headers.decode("ascii").split("\r\n")
        assert [line.split(":")[0] for line in lines if line] == ["cps-request-id", "cps-assertion"]


async def test_an_assertion_is_for_one_agency_and_one_minute(network: Partnership) -> None:
    now = [1_000_000.0]
    key = make_key()
    signer = Signer("cps", key, lambda: now[0])
    signed = Partnership.of(MINE, signer=signer)
    await signed.ask('{ child(id: "a") { forename police { officer } } }', WORKER)
    (sent,) = {e.headers.decode().split("cps-assertion: ")[1].strip() for e in signed.asked("police")}
    assert {e.headers.decode().split("cps-assertion: ")[1].strip() for e in signed.asked("index")} != {sent}

    def verify(audience: str, gateway: str = "cps", keys: Any = None) -> Any:
        return AssertionVerifier(keys or public_keys(key), gateway, audience, lambda: now[0]).verify(sent)

    named = Partnership.of(MINE, signer=signer, audiences={"police": "13"})
    await named.ask('{ child(id: "a") { police { officer } } }', WORKER)
    (by_code,) = {e.headers.decode().split("cps-assertion: ")[1].strip() for e in named.asked("police")}
    AssertionVerifier(public_keys(key), "cps", "13", lambda: now[0]).verify(by_code)
    asserted = verify("POLICE")
    assert (asserted.subject, asserted.agency, asserted.purpose) == ("someone", "380", Purpose.S47)
    for audience, gateway, keys in (
        ("CARE", "cps", None),
        ("POLICE", "another", None),
        ("POLICE", "cps", public_keys(make_key())),
    ):
        with pytest.raises(TokenError, match="the assertion"):
            verify(audience, gateway, keys)
    now[0] += 66
    with pytest.raises(TokenError, match="the assertion has expired, or is not good yet"):
        verify("POLICE")


async def test_a_purpose_is_not_escalated_by_the_body_or_by_a_second_word() -> None:
    for stated in ("S47 ", "s47"):
        assert read_request(b'{"query": "{a}"}', stated).purpose is Purpose.S47
    both = read_request(b'{"query": "{a}", "extensions": {"purpose": "S47"}}', "CIN")
    assert both.purpose is Purpose.CIN
    for stated in ("S47,CIN", "S47;", "\tS47\x00", "ALL"):
        with pytest.raises(NotAcceptable, match="the purpose is one of TRIAGE, EH, CIN, S47, CPP, EMERG"):
            read_request(b'{"query": "{a}"}', stated)


async def test_a_role_does_not_borrow_another_s_purpose(network: Partnership) -> None:
    for who, purpose in ((WORKER, Purpose.SCHOOL), (DSL, Purpose.TRIAGE), (WORKER, Purpose.AUDIT)):
        with pytest.raises(RequestError, match="your role can't ask for the purpose") as refused:
            await network.ask('{ child(id: "a") { forename } }', who, purpose)
        assert refused.value.problems[0].code == "PURPOSE_NOT_YOURS"
        assert network.transport.exchanged == []


async def test_what_an_agency_withholds_itself_is_said_to_be_withheld_by_it() -> None:
    from gateway.execution import Answer

    def withholding() -> Answer:
        error = {
            "message": SECRET,
            "path": ["_entities", 0, "police"],
            "extensions": {"code": "WITHHELD", "reason": "COURT_ORDER"},
        }
        return Answer(
            200, "application/json", orjson.dumps({"data": {"_entities": [{"police": None}]}, "errors": [error]})
        )

    network = Partnership.of(Person("a", ties=(Tie("ALLOCATED", "380", None, "someone"),), held=MINE.held))
    network.transport.broken["police"] = withholding
    answer = await network.ask('{ child(id: "a") { police { officer } } }', WORKER)
    (entry,) = answer["extensions"]["cps"]["withheld"]
    assert (entry["path"], entry["agency"], entry["reason"]) == ("child.police", "police", "COURT_ORDER")
    assert entry["explanation"] == "The agency that holds this has withheld it for this child."
    assert SECRET not in orjson.dumps(answer).decode()
