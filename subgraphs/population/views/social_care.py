"""The council's record of the children referred to it, and of some of their siblings."""

import textwrap
from collections.abc import Iterator
from itertools import count, permutations

from subgraphs.population.model import Address, Child, Episode, Household, Plan
from subgraphs.population.streams import between, pick
from subgraphs.population.views.clerk import Clerk, Slips
from subgraphs.population.views.forms import compact, compact_or_none, from_compact
from subgraphs.population.views.sheet import Identity, Sheet, Tie, text, text_or_none
from subgraphs.population.views.social_care_codes import CODES, SOURCES
from subgraphs.population.world import World
from subgraphs.social_care import tables as t

AGENCY = "380"
SLIPS = Slips(misspelt=0.06, wrong_birthday=0.01, no_nhs=0.18, no_upn=0.25)
SIBLING_RECORDED = 0.5
STALE_ADDRESS = 0.08
LEGAL_ADVICE = 0.25
_FIRST_PERSON = 10_023
_FIRST_WORKER = 501
_LINE = 60
_ADVICE = "Legal planning meeting held. Threshold considered; advice is privileged and not to be shared."
_PLACEMENT = Address("Placement address held by the fostering service", "Bradford", "BD1 1CK")


def write(world: World) -> Sheet:
    sheet, clerk = Sheet(t.metadata), Clerk(world.seed, AGENCY, SLIPS)
    _codes(sheet)
    _workers(sheet, world)
    episodes: dict[int, list[Episode]] = {}
    for episode in world.episodes:
        episodes.setdefault(episode.child, []).append(episode)
    numbers = _persons(sheet, world, clerk, episodes)
    _families(sheet, world, clerk, numbers)
    _Casework(sheet, world, clerk, numbers).write(episodes)
    return sheet


def identities(sheet: Sheet) -> Iterator[Identity]:
    teams = {row["TEAM_CD"]: text(row["TEAM_NM"]) for row in sheet.rows(t.T_TEAM)}
    team_of = {row["WRKR_NO"]: teams[row["TEAM_CD"]] for row in sheet.rows(t.T_WORKER)}
    begun = {row["PERS_NO"]: text(row["START_DT"]) for row in sheet.rows(t.T_EPIS) if row["END_DT"] is None}
    for row in sheet.rows(t.T_PERS):
        worker, since = row["ALLOC_WRKR_NO"], begun.get(row["PERS_NO"])
        ties: tuple[Tie, ...] = ()
        if worker is not None and since is not None:
            ties = (Tie("ALLOCATED", from_compact(since), None, team_of[worker], f"SW{worker}"),)
        born = text_or_none(row["DOB"])
        yield Identity(
            sector="SOCIAL_CARE",
            agency=AGENCY,
            record=str(row["PERS_NO"]),
            nhs=text_or_none(row["NHS_NO"]),
            upn=text_or_none(row["UPN"]),
            forename=text_or_none(row["FORENAME"]),
            surname=text(row["SURNAME"]),
            born=None if born is None else from_compact(born),
            restricted=row["RESTR_FLG"] == "Y",
            protected=row["CP_FLG"] == "Y",
            ties=ties,
        )


def _codes(sheet: Sheet) -> None:
    for code_set, codes in CODES.items():
        for code, description in codes.items():
            sheet.add(t.T_CODE, CODE_SET=code_set, CODE_VAL=code, CODE_DESC=description)


def _workers(sheet: Sheet, world: World) -> None:
    for team in world.partners.teams:
        sheet.add(t.T_TEAM, TEAM_CD=team.code, TEAM_NM=team.name, TEAM_TEL=team.phone)
    for number, worker in enumerate(world.partners.workers, _FIRST_WORKER):
        team = world.partners.teams[worker.team]
        sheet.add(t.T_WORKER, WRKR_NO=number, WRKR_NM=worker.name, WRKR_TEL=worker.phone, TEAM_CD=team.code)


def _flag(value: bool) -> str:
    return "Y" if value else "N"


def _on_protection_plan(episode: Episode) -> bool:
    return any(plan.kind == "CPP" and plan.end is None for plan in episode.plans)


def _persons(sheet: Sheet, world: World, clerk: Clerk, episodes: dict[int, list[Episode]]) -> dict[int, int]:
    """The numbers of the children who have a record: those referred, and half of their siblings."""
    referred = {world.families.children[number].household: None for number in episodes}
    numbers: dict[int, int] = {}
    number = _FIRST_PERSON
    for child in world.families.children:
        known = child.number in episodes or (child.household in referred and clerk.chance(SIBLING_RECORDED))
        if not known:
            continue
        numbers[child.number] = number
        _person(sheet, world, clerk, child, number, episodes.get(child.number, []))
        number += 1 if child.steadfast else between(clerk.random, 1, 5)
    return numbers


def _person(sheet: Sheet, world: World, clerk: Clerk, child: Child, number: int, episodes: list[Episode]) -> None:
    written = clerk.write(child, world.today)
    current = episodes[-1] if episodes and episodes[-1].closed is None else None
    sheet.add(
        t.T_PERS,
        PERS_NO=number,
        LA_CHILD_ID=f"BFD{number:07}",
        NHS_NO=written.nhs,
        UPN=written.upn,
        SURNAME=written.surname,
        FORENAME=written.forename,
        DOB=compact_or_none(written.born),
        EDD=compact_or_none(child.expected),
        SEX_CD="9" if child.born is None else "2" if child.sex == "F" else "1",
        ETHN_CD=child.ethnicity,
        DISAB_CD=child.disability or "NONE",
        CASE_STAT="C" if current is None else "O",
        ALLOC_WRKR_NO=None if current is None else _FIRST_WORKER + current.worker,
        CP_FLG=_flag(current is not None and _on_protection_plan(current)),
        LAC_FLG=_flag(current is not None and current.looked_after_since is not None),
        ADOPT_FLG=_flag(child.adopted),
        RESTR_FLG=_flag(child.shielded),
    )


def _families(sheet: Sheet, world: World, clerk: Clerk, numbers: dict[int, int]) -> None:
    """Siblings, both ways; and the family's addresses, of which the last move has not always reached the council."""
    members: dict[int, list[int]] = {}
    for child in numbers:
        members.setdefault(world.families.children[child].household, []).append(child)
    for children in members.values():
        for one, other in permutations(children, 2):
            sheet.add(t.T_PERS_REL, PERS_NO=numbers[one], REL_PERS_NO=numbers[other], REL_CD="SIB")
    next_address = count(70_001)
    for household, children in members.items():
        _addresses(sheet, world, clerk, world.families.households[household], children, numbers, next_address)


def _address(sheet: Sheet, number: int, address: Address) -> None:
    sheet.add(t.T_ADDR, ADDR_NO=number, LINE_1=address.line, TOWN=address.town, PCODE=address.postcode)


def _addresses(
    sheet: Sheet,
    world: World,
    clerk: Clerk,
    household: Household,
    children: list[int],
    numbers: dict[int, int],
    next_address: "count[int]",
) -> None:
    stays = household.stays
    steadfast = world.families.children[children[0]].steadfast
    stale = len(stays) > 1 and not steadfast and clerk.chance(STALE_ADDRESS)
    known = stays[:-1] if stale else stays
    homes = [next(next_address) for _ in known]
    for number, stay in zip(homes, known, strict=True):
        _address(sheet, number, stay.address)
    for child in children:
        for sequence, (home, stay) in enumerate(zip(homes, known, strict=True), 1):
            until = None if stay is known[-1] else stay.end
            sheet.add(
                t.T_PERS_ADDR,
                PERS_NO=numbers[child],
                SEQ_NO=sequence,
                ADDR_NO=home,
                ADDR_TYP="H",
                START_DT=compact(stay.start),
                END_DT=compact_or_none(until),
            )
        if world.families.children[child].adopted:
            placed = next(next_address)
            _address(sheet, placed, _PLACEMENT)
            sheet.add(
                t.T_PERS_ADDR,
                PERS_NO=numbers[child],
                SEQ_NO=len(homes) + 1,
                ADDR_NO=placed,
                ADDR_TYP="P",
                START_DT=compact(known[-1].start),
                END_DT=None,
            )


class _Casework:
    """Episodes and their steps, with running numbers."""

    def __init__(self, sheet: Sheet, world: World, clerk: Clerk, numbers: dict[int, int]) -> None:
        self._sheet, self._world, self._clerk, self._numbers = sheet, world, clerk, numbers
        self._step, self._chronicle, self._legal = count(400_001), count(90_001), count(3_001)

    def write(self, episodes: dict[int, list[Episode]]) -> None:
        every = (episode for child in self._numbers for episode in episodes.get(child, []))
        for number, episode in enumerate(every, 200_001):
            self._episode(number, episode)

    def _episode(self, number: int, episode: Episode) -> None:
        child = self._world.families.children[episode.child]
        self._sheet.add(
            t.T_EPIS,
            EPIS_NO=number,
            PERS_NO=self._numbers[episode.child],
            START_DT=compact(episode.referral.made),
            END_DT=compact_or_none(episode.closed),
            CLOSE_CD=episode.closure,
            NEED_CD=episode.need,
        )
        self._steps(number, episode)
        for sequence, (kind, name) in enumerate((("R", episode.referrer), ("A", episode.alleged)), 1):
            if name is not None:
                self._sheet.add(t.T_PARTY, EPIS_NO=number, PARTY_SEQ=sequence, PARTY_CD=kind, PARTY_NM=name)
        self._chronology(episode)
        if child.steadfast or (_on_protection_plan(episode) and self._clerk.chance(LEGAL_ADVICE)):
            day = episode.plans[-1].start if episode.plans else episode.referral.made
            self._sheet.add(
                t.T_LEGAL,
                LEGAL_NO=next(self._legal),
                PERS_NO=self._numbers[episode.child],
                ADVICE_DT=compact(day),
                ADVICE_TXT=_ADVICE,
            )

    def _steps(self, number: int, episode: Episode) -> None:
        referral, worker = episode.referral, _FIRST_WORKER + episode.worker
        decider = _FIRST_WORKER + episode.decider

        def step(
            kind: str, start: str, due: str | None, end: str | None, outcome: str | None, **more: str | int
        ) -> int:
            step_number = next(self._step)
            self._sheet.add(
                t.T_EPIS_STEP,
                STEP_NO=step_number,
                EPIS_NO=number,
                STEP_TYP=kind,
                START_DT=start,
                DUE_DT=due,
                END_DT=end,
                OUTC_CD=outcome,
                SRC_CD=more.get("source"),
                ABUSE_CD=more.get("category"),
                WRKR_NO=more.get("worker", worker),
            )
            return step_number

        made, due, decided = compact(referral.made), compact(referral.due), compact_or_none(referral.decided)
        step("REF", made, due, decided, referral.outcome, source=referral.source, worker=decider)
        if (assessment := episode.assessment) is not None:
            end = compact_or_none(assessment.end)
            assessed = step("ASM", compact(assessment.start), compact(assessment.due), end, assessment.outcome)
            for factor in assessment.factors:
                self._sheet.add(t.T_FACTOR, STEP_NO=assessed, FACTOR_CD=factor)
        if (strategy := episode.strategy) is not None:
            held = compact(strategy.held)
            step("STR", held, None, held, strategy.outcome)
        if (enquiry := episode.enquiry) is not None:
            step("S47", compact(enquiry.start), None, compact_or_none(enquiry.end), enquiry.outcome)
        for conference in episode.conferences:
            held = compact(conference.held)
            step(conference.kind, held, compact(conference.due), held, conference.outcome)
        for plan in episode.plans:
            ended = None if plan.end is None else "END"
            more = {} if plan.category is None else {"category": plan.category}
            planned = step(plan.kind, compact(plan.start), None, compact_or_none(plan.end), ended, **more)
            self._core_group(planned, plan)

    def _core_group(self, step: int, plan: Plan) -> None:
        for sequence, member in enumerate(plan.core_group, 1):
            self._sheet.add(t.T_CP_MEMBER, STEP_NO=step, MBR_SEQ=sequence, MBR_NM=member.name, MBR_ROLE=member.role)

    def _chronology(self, episode: Episode) -> None:
        source = SOURCES[episode.referral.source]
        entries = [(episode.referral.made, f"Referral received; source: {source.lower()}.")]
        if episode.strategy is not None:
            entries.append((episode.strategy.held, "Strategy discussion held with police and health."))
        if episode.enquiry is not None and episode.enquiry.end is not None:
            seen = pick(self._clerk.random, ("at home", "at school", "with a relative"))
            entries.append(
                (episode.enquiry.end, f"Enquiry completed. Child seen alone {seen}; wishes and feelings recorded.")
            )
        entries.extend(
            (conference.held, "Initial conference held." if conference.kind == "ICPC" else "Review conference held.")
            for conference in episode.conferences
        )
        if episode.closed is not None:
            entries.append((episode.closed, "Case closed; family and referrer told."))
        for day, entry in entries:
            number = next(self._chronicle)
            for line, part in enumerate(textwrap.wrap(entry, _LINE), 1):
                self._sheet.add(
                    t.T_CHRON,
                    CHRON_NO=number,
                    LINE_NO=line,
                    PERS_NO=self._numbers[episode.child],
                    CHRON_DT=compact(day),
                    CHRON_TXT=part,
                )
