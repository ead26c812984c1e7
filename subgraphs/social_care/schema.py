"""The council's subgraph: what children's services hold of a child, declared over `tables`.

A person whose `RESTR_FLG` is set (shielded) is left out everywhere, as if the row were not there: as the record that
is asked for, and as somebody's sibling.
"""

import datetime as dt

import strawberry
from sqlalchemy import and_, func

from resolvers.declare import (
    Child,
    agency_code,
    children,
    column,
    gathered,
    identifier,
    item,
    listed,
    lookup,
    newest,
    paged,
    record,
    through,
)
from resolvers.mapping import COMPACT_DATE, TEXT, codes, distinct, each_on_its_line, flag, one_text
from resolvers.subgraph import Subgraph
from resolvers.vocabulary import Sector, Sex
from subgraphs.social_care import tables as t
from subgraphs.social_care.codes import AbuseCategory, Factor, Outcome, PrimaryNeed, ReferralSource

COUNCIL = "380"

YES_NO = flag("Y", "N")
OUTCOME = codes({each.value: each for each in Outcome})

PERSON, STEP, EPISODE, WORKER, TEAM = t.T_PERS.c, t.T_EPIS_STEP.c, t.T_EPIS.c, t.T_WORKER.c, t.T_TEAM.c
sibling = t.T_PERS.alias("SIBLING")
newest_episode = t.T_EPIS.alias("NEWEST")
entry = t.T_CHRON.alias("ENTRY")

episode_of_step = through(t.T_EPIS, STEP.EPIS_NO == EPISODE.EPIS_NO)
worker_of_step = lookup(t.T_WORKER, STEP.WRKR_NO == WORKER.WRKR_NO)
address_of_person = through(t.T_ADDR, t.T_PERS_ADDR.c.ADDR_NO == t.T_ADDR.c.ADDR_NO)
episode_of_party = through(t.T_EPIS, t.T_PARTY.c.EPIS_NO == EPISODE.EPIS_NO)
ethnicity = t.T_CODE.alias("ETHNICITY")
disability = t.T_CODE.alias("DISABILITY")

primary_need = (
    newest_episode.select()
    .with_only_columns(newest_episode.c.NEED_CD)
    .where(newest_episode.c.PERS_NO == PERSON.PERS_NO)
    .order_by(newest_episode.c.START_DT.desc(), newest_episode.c.EPIS_NO.desc())
    .limit(1)
    .correlate(t.T_PERS)
    .scalar_subquery()
)


@item(
    table=t.T_PERS_ADDR,
    key=(t.T_PERS_ADDR.c.PERS_NO, t.T_PERS_ADDR.c.SEQ_NO),
    joins=[address_of_person],
    where=t.T_PERS_ADDR.c.ADDR_TYP == "H",
    newest=newest(t.T_PERS_ADDR.c.START_DT, COMPACT_DATE),
)
class Address:
    """Where the child lives or lived."""

    line: str | None = column(
        t.T_ADDR.c.LINE_1.concat(", ").concat(t.T_ADDR.c.TOWN), policy="contact.detail", description="Street and town."
    )
    postcode: str | None = column(t.T_ADDR.c.PCODE, policy="contact.detail")
    from_: dt.date | None = column(t.T_PERS_ADDR.c.START_DT, COMPACT_DATE, policy="contact.detail")
    until: dt.date | None = column(t.T_PERS_ADDR.c.END_DT, COMPACT_DATE, policy="contact.detail")


@item(
    table=t.T_EPIS_STEP,
    key=STEP.STEP_NO,
    joins=[episode_of_step, worker_of_step],
    where=STEP.STEP_TYP == "REF",
    newest=newest(STEP.START_DT, COMPACT_DATE),
)
class Referral:
    """A referral to the council, and what was decided."""

    id: strawberry.ID | None = identifier(policy="status.summary")
    lead_worker: str | None = column(WORKER.WRKR_NM, policy="status.summary")
    date: dt.date | None = column(STEP.START_DT, COMPACT_DATE, policy="status.detail")
    source: ReferralSource | None = column(
        STEP.SRC_CD, codes({each.value: each for each in ReferralSource}), policy="status.detail"
    )
    decision_date: dt.date | None = column(STEP.END_DT, COMPACT_DATE, policy="status.detail")
    outcome: Outcome | None = column(STEP.OUTC_CD, OUTCOME, policy="status.detail")


@item(
    table=t.T_EPIS_STEP,
    key=STEP.STEP_NO,
    joins=[episode_of_step, worker_of_step],
    where=STEP.STEP_TYP == "S47",
    newest=newest(STEP.START_DT, COMPACT_DATE),
)
class Section47Enquiry:
    """An enquiry under section 47 of the Children Act 1989."""

    id: strawberry.ID | None = identifier(policy="status.summary")
    lead_worker: str | None = column(WORKER.WRKR_NM, policy="status.summary")
    start_date: dt.date | None = column(STEP.START_DT, COMPACT_DATE, policy="status.detail")
    end_date: dt.date | None = column(STEP.END_DT, COMPACT_DATE, policy="status.detail")
    outcome: Outcome | None = column(STEP.OUTC_CD, OUTCOME, policy="status.detail")


@item(
    table=t.T_EPIS_STEP,
    key=STEP.STEP_NO,
    joins=[episode_of_step, worker_of_step],
    where=STEP.STEP_TYP.in_(["ICPC", "RCPC"]),
    newest=newest(STEP.START_DT, COMPACT_DATE),
)
class Conference:
    """A child protection conference, initial or review."""

    id: strawberry.ID | None = identifier(policy="status.summary")
    lead_worker: str | None = column(WORKER.WRKR_NM, policy="status.summary")
    date: dt.date | None = column(STEP.START_DT, COMPACT_DATE, policy="status.detail")
    outcome: Outcome | None = column(STEP.OUTC_CD, OUTCOME, policy="status.detail")


@item(table=t.T_CP_MEMBER, key=(t.T_CP_MEMBER.c.STEP_NO, t.T_CP_MEMBER.c.MBR_SEQ))
class CoreGroupMember:
    """Somebody who carries out a protection plan."""

    name: str | None = column(t.T_CP_MEMBER.c.MBR_NM, policy="plan.detail")
    role: str | None = column(t.T_CP_MEMBER.c.MBR_ROLE, policy="plan.detail")


@item(
    table=t.T_EPIS_STEP,
    key=STEP.STEP_NO,
    joins=[episode_of_step, worker_of_step],
    where=STEP.STEP_TYP == "CPP",
    newest=newest(STEP.START_DT, COMPACT_DATE),
)
class ProtectionPlan:
    """A child protection plan."""

    id: strawberry.ID | None = identifier(policy="plan.summary")
    lead_worker: str | None = column(WORKER.WRKR_NM, policy="plan.summary")
    start_date: dt.date | None = column(STEP.START_DT, COMPACT_DATE, policy="plan.detail")
    end_date: dt.date | None = column(STEP.END_DT, COMPACT_DATE, policy="plan.detail")
    category: AbuseCategory | None = column(
        STEP.ABUSE_CD, codes({each.value: each for each in AbuseCategory}), policy="plan.detail"
    )
    core_group: list[CoreGroupMember] | None = listed(CoreGroupMember, by=t.T_CP_MEMBER.c.STEP_NO, policy="plan.detail")


@item(
    table=entry,
    key=entry.c.CHRON_NO,
    where=entry.c.LINE_NO == 1,
    newest=newest(entry.c.CHRON_DT, COMPACT_DATE),
)
class ChronologyEntry:
    """Something that happened, as the case file tells it."""

    id: strawberry.ID | None = identifier(policy="case.detail")
    date: dt.date | None = column(entry.c.CHRON_DT, COMPACT_DATE, policy="case.detail")
    summary: str | None = gathered(
        t.T_CHRON.c.CHRON_TXT,
        TEXT,
        by=t.T_CHRON.c.CHRON_NO,
        order=t.T_CHRON.c.LINE_NO,
        into=one_text,
        policy="case.detail",
    )


@record(
    table=t.T_PERS,
    key=PERSON.PERS_NO,
    agency=COUNCIL,
    where=PERSON.RESTR_FLG != "Y",
    joins=[
        lookup(t.T_WORKER, PERSON.ALLOC_WRKR_NO == WORKER.WRKR_NO),
        lookup(t.T_TEAM, WORKER.TEAM_CD == TEAM.TEAM_CD),
        lookup(ethnicity, and_(ethnicity.c.CODE_SET == "ETHN", ethnicity.c.CODE_VAL == PERSON.ETHN_CD)),
        lookup(disability, and_(disability.c.CODE_SET == "DISAB", disability.c.CODE_VAL == PERSON.DISAB_CD)),
    ],
)
class SocialCareRecord:
    """What a council's children's services hold of a child."""

    id: strawberry.ID = identifier()
    agency: str | None = agency_code(policy="locator.summary")
    lead_worker: str | None = column(WORKER.WRKR_NM, policy="locator.summary")
    team: str | None = column(TEAM.TEAM_NM, policy="locator.summary")
    phone: str | None = column(
        func.coalesce(WORKER.WRKR_TEL, TEAM.TEAM_TEL),
        policy="locator.summary",
        description="The lead worker's telephone, or the team's.",
    )
    open: bool | None = column(PERSON.CASE_STAT, flag("O", "C"), policy="locator.summary")

    la_child_id: str | None = column(PERSON.LA_CHILD_ID, policy="identity.detail")
    nhs_number: str | None = column(PERSON.NHS_NO, policy="identity.detail")
    upn: str | None = column(PERSON.UPN, policy="identity.detail")
    forename: str | None = column(PERSON.FORENAME, policy="identity.detail")
    surname: str | None = column(PERSON.SURNAME, policy="identity.detail")
    date_of_birth: dt.date | None = column(PERSON.DOB, COMPACT_DATE, policy="identity.detail")
    expected_date_of_birth: dt.date | None = column(PERSON.EDD, COMPACT_DATE, policy="identity.detail")
    sex: Sex | None = column(
        PERSON.SEX_CD, codes({"1": Sex.MALE, "2": Sex.FEMALE, "9": Sex.NOT_KNOWN}), policy="identity.detail"
    )
    siblings: list[Child] | None = children(
        t.T_PERS_REL.c.REL_PERS_NO,
        by=t.T_PERS_REL.c.PERS_NO,
        joins=[through(sibling, t.T_PERS_REL.c.REL_PERS_NO == sibling.c.PERS_NO)],
        where=and_(t.T_PERS_REL.c.REL_CD == "SIB", sibling.c.RESTR_FLG != "Y"),
        policy="identity.detail",
    )
    adoption_link: bool | None = column(PERSON.ADOPT_FLG, YES_NO, policy="identity.owner")

    addresses: list[Address] | None = listed(Address, by=t.T_PERS_ADDR.c.PERS_NO, policy="contact.detail")
    placement_address: str | None = gathered(
        t.T_ADDR.c.LINE_1.concat(", ").concat(t.T_ADDR.c.TOWN).concat(", ").concat(t.T_ADDR.c.PCODE),
        TEXT,
        table=t.T_PERS_ADDR,
        by=t.T_PERS_ADDR.c.PERS_NO,
        joins=[address_of_person],
        where=and_(t.T_PERS_ADDR.c.ADDR_TYP == "P", t.T_PERS_ADDR.c.END_DT.is_(None)),
        order=t.T_PERS_ADDR.c.SEQ_NO,
        into=each_on_its_line,
        policy="contact.owner",
    )

    child_protection_plan: bool | None = column(PERSON.CP_FLG, YES_NO, policy="status.detail")
    looked_after: bool | None = column(PERSON.LAC_FLG, YES_NO, policy="status.detail")
    referrals: list[Referral] | None = paged(Referral, by=EPISODE.PERS_NO, policy="status.summary")
    enquiries: list[Section47Enquiry] | None = paged(Section47Enquiry, by=EPISODE.PERS_NO, policy="status.summary")
    conferences: list[Conference] | None = paged(Conference, by=EPISODE.PERS_NO, policy="status.summary")

    plans: list[ProtectionPlan] | None = paged(ProtectionPlan, by=EPISODE.PERS_NO, policy="plan.summary")
    ethnicity: str | None = column(ethnicity.c.CODE_DESC, policy="case.detail")
    disability: str | None = column(disability.c.CODE_DESC, policy="case.detail")
    primary_need: PrimaryNeed | None = column(
        primary_need, codes({each.value: each for each in PrimaryNeed}), policy="case.detail"
    )
    factors: list[Factor] | None = gathered(
        t.T_FACTOR.c.FACTOR_CD,
        codes({each.value: each for each in Factor}),
        table=t.T_FACTOR,
        by=EPISODE.PERS_NO,
        joins=[through(t.T_EPIS_STEP, t.T_FACTOR.c.STEP_NO == STEP.STEP_NO), episode_of_step],
        order=t.T_FACTOR.c.FACTOR_CD,
        into=distinct,
        policy="case.detail",
    )
    chronology: list[ChronologyEntry] | None = paged(ChronologyEntry, by=entry.c.PERS_NO, policy="case.detail")
    legal_advice: str | None = gathered(
        t.T_LEGAL.c.ADVICE_TXT,
        TEXT,
        by=t.T_LEGAL.c.PERS_NO,
        order=(t.T_LEGAL.c.ADVICE_DT, t.T_LEGAL.c.LEGAL_NO),
        into=each_on_its_line,
        policy="case.owner",
    )

    referrer_identity: str | None = gathered(
        t.T_PARTY.c.PARTY_NM,
        TEXT,
        by=EPISODE.PERS_NO,
        joins=[episode_of_party],
        where=t.T_PARTY.c.PARTY_CD == "R",
        order=(t.T_PARTY.c.EPIS_NO, t.T_PARTY.c.PARTY_SEQ),
        into=each_on_its_line,
        policy="third_party.detail",
    )
    alleged_perpetrator: str | None = gathered(
        t.T_PARTY.c.PARTY_NM,
        TEXT,
        by=EPISODE.PERS_NO,
        joins=[episode_of_party],
        where=t.T_PARTY.c.PARTY_CD == "A",
        order=(t.T_PARTY.c.EPIS_NO, t.T_PARTY.c.PARTY_SEQ),
        into=each_on_its_line,
        policy="third_party.detail",
    )


subgraph = Subgraph.sector("social_care", Sector.SOCIAL_CARE, "social_care", SocialCareRecord, refers=True)
