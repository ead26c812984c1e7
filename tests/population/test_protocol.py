"""The census's invariants, asked of the rows that the council's database gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import pytest

from subgraphs.population.seeding import TODAY
from subgraphs.population.views.forms import from_compact
from subgraphs.population.views.sheet import Row, Sheet, text, text_or_none, whole
from subgraphs.population.working_days import add_months, is_working_day
from subgraphs.social_care import tables as t

STEP_KINDS = ("REF", "ASM", "STR", "S47", "ICPC", "RCPC", "CIN", "CPP")


@dataclass(frozen=True, slots=True)
class Span:
    kind: str
    start: date
    end: date | None
    outcome: str | None

    def overlaps(self, other: "Span") -> bool:
        return self.start <= (other.end or date.max) and other.start <= (self.end or date.max)


@dataclass(frozen=True, slots=True)
class Case:
    person: int
    start: date
    end: date | None
    closure: str | None
    steps: tuple[Span, ...]

    def of(self, *kinds: str) -> list[Span]:
        return [step for step in self.steps if step.kind in kinds]


def _end(row: Row) -> date | None:
    end = text_or_none(row["END_DT"])
    return None if end is None else from_compact(end)


@pytest.fixture(scope="module")
def cases(written: dict[str, Sheet]) -> list[Case]:
    sheet = written["social_care"]
    steps: dict[int, list[Span]] = {}
    for row in sheet.rows(t.T_EPIS_STEP):
        span = Span(text(row["STEP_TYP"]), from_compact(text(row["START_DT"])), _end(row), text_or_none(row["OUTC_CD"]))
        steps.setdefault(whole(row["EPIS_NO"]), []).append(span)
    found = [
        Case(
            whole(row["PERS_NO"]),
            from_compact(text(row["START_DT"])),
            _end(row),
            text_or_none(row["CLOSE_CD"]),
            tuple(steps[whole(row["EPIS_NO"])]),
        )
        for row in sheet.rows(t.T_EPIS)
    ]
    kinds = {step.kind for case in found for step in case.steps}
    assert {"S47", "ASM", "CPP", "CIN", "ICPC", "RCPC"} <= kinds, "or what is said of each would be said of none"
    return found


def _by_person(cases: list[Case]) -> Iterator[list[Case]]:
    people: dict[int, list[Case]] = {}
    for case in cases:
        people.setdefault(case.person, []).append(case)
    yield from people.values()


def test_every_path_is_there(cases: list[Case]) -> None:
    for kind in STEP_KINDS:
        assert any(case.of(kind) for case in cases), kind
        assert any(step.end is None for case in cases for step in case.of("ASM", "CIN", "CPP")), kind


def test_a_plan_starts_on_its_conferences_date(cases: list[Case]) -> None:
    plans = [(case, plan) for case in cases for plan in case.of("CPP")]
    assert plans
    for case, plan in plans:
        assert plan.start in [conference.start for conference in case.of("ICPC") if conference.outcome == "CPP"]


def test_no_conference_is_held_at_a_weekend_or_on_a_bank_holiday(cases: list[Case]) -> None:
    assert all(is_working_day(conference.start) for case in cases for conference in case.of("ICPC", "RCPC"))


def test_reviews_come_in_three_months_then_six(cases: list[Case]) -> None:
    for case in cases:
        for plan in case.of("CPP"):
            last, months = plan.start, 3
            for review in case.of("RCPC"):
                assert review.start <= add_months(last, months)
                last, months = review.start, 6
            assert (plan.end or TODAY) <= add_months(last, months)


@pytest.mark.parametrize("kinds", [("S47",), ("ASM",), ("CPP",), ("CIN",), ("CIN", "CPP")], ids="/".join)
def test_a_child_has_one_at_a_time(cases: list[Case], kinds: tuple[str, ...]) -> None:
    for own in _by_person(cases):
        spans = [span for case in own for span in case.of(*kinds)]
        assert not any(one.overlaps(other) for one, other in combinations(spans, 2))


def test_episodes_of_a_child_do_not_overlap(cases: list[Case]) -> None:
    for own in _by_person(cases):
        for one, other in combinations(own, 2):
            assert one.end is not None
            assert one.end < other.start


def test_nothing_follows_an_nfa(cases: list[Case]) -> None:
    decided = [case for case in cases if any(step.outcome == "NFA" for step in case.steps)]
    assert decided
    for case in decided:
        nfa = next(step for step in case.steps if step.outcome == "NFA")
        assert case.end == nfa.end
        assert all(step.start <= (nfa.end or date.max) for step in case.steps)
        assert nfa.kind != "REF" or len(case.steps) == 1


def test_nothing_follows_closure(cases: list[Case]) -> None:
    closed = [case for case in cases if case.end is not None]
    assert closed
    for case in closed:
        assert case.closure is not None
        assert all(step.end is not None and step.end <= case.end for step in case.steps if case.end)


def test_nothing_lies_in_the_future(cases: list[Case]) -> None:
    for case in cases:
        assert all(step.start <= TODAY and (step.end or TODAY) <= TODAY for step in case.steps)


def test_flags_agree_with_the_steps(written: dict[str, Sheet], cases: list[Case]) -> None:
    on_plan = {case.person for case in cases if any(plan.end is None for plan in case.of("CPP"))}
    open_cases = {case.person for case in cases if case.end is None}
    for row in written["social_care"].rows(t.T_PERS):
        assert (row["CP_FLG"] == "Y") == (row["PERS_NO"] in on_plan)
        assert (row["CASE_STAT"] == "O") == (row["PERS_NO"] in open_cases)
        assert (row["ALLOC_WRKR_NO"] is not None) == (row["PERS_NO"] in open_cases)


def test_codes_are_all_spelt_out(written: dict[str, Sheet]) -> None:
    sheet = written["social_care"]
    known = {(row["CODE_SET"], row["CODE_VAL"]) for row in sheet.rows(t.T_CODE)}
    for table, columns in (
        (t.T_PERS, {"SEX_CD": "SEX", "ETHN_CD": "ETHN", "DISAB_CD": "DISAB"}),
        (t.T_EPIS, {"CLOSE_CD": "CLOSE", "NEED_CD": "NEED"}),
        (t.T_EPIS_STEP, {"OUTC_CD": "OUTC", "SRC_CD": "SRC", "ABUSE_CD": "ABUSE"}),
        (t.T_FACTOR, {"FACTOR_CD": "FACTOR"}),
    ):
        for row in sheet.rows(table):
            for column, code_set in columns.items():
                assert row[column] is None or (code_set, row[column]) in known
