"""Social care histories: from a referral, by assessment, strategy discussion, enquiry, conference and plan, to closure.

The census's invariants hold by construction: a plan starts on its conference's date, conferences meet on working
days, a child has one open episode at a time and so one open assessment, enquiry and plan; a child-in-need plan starts
after a protection plan has ended; an NFA is the end of it; nothing follows closure. What would lie after today has
not happened: it is left open, and so is all that would have come of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from subgraphs.population import rates
from subgraphs.population.families import Families
from subgraphs.population.model import (
    Assessment,
    Child,
    Conference,
    Enquiry,
    Episode,
    Household,
    Member,
    Plan,
    Referral,
    Strategy,
)
from subgraphs.population.partners import Partners, full_name
from subgraphs.population.streams import between, day_between, pick, stream
from subgraphs.population.working_days import (
    add_months,
    add_working_days,
    is_working_day,
    working_day_on_or_after,
    working_day_on_or_before,
)

DECIDE_IN = 1
ASSESS_IN = 45
CONFER_IN = 15
_YEAR = timedelta(days=365)
_BEFORE_BIRTH = timedelta(days=200)


class NotYetError(Exception):
    """The next thing lies after today; the history ends here, open."""


@dataclass(slots=True)
class History:
    """An episode in the making. `when` lets a day pass into the history only if it has come."""

    random: Random
    today: date
    made: date
    source: str
    decided: date | None = None
    outcome: str | None = None
    assessment: Assessment | None = None
    strategy: Strategy | None = None
    enquiry: Enquiry | None = None
    conferences: list[Conference] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    looked_after_since: date | None = None
    closed: date | None = None
    closure: str | None = None

    def when(self, day: date) -> date:
        if day > self.today:
            raise NotYetError
        return day

    def later(self, day: date, low: int, high: int) -> date:
        """A working day that many working days on."""
        return add_working_days(day, between(self.random, low, high))


def make_episodes(seed: int, today: date, families: Families, partners: Partners, fixed: int) -> tuple[Episode, ...]:
    """Every household but the first `fixed`, each by chance referred or not, in order of child and date."""
    random = stream(seed, "protocol")
    by_household: dict[int, list[Child]] = {}
    for child in families.children:
        by_household.setdefault(child.household, []).append(child)
    episodes = [
        episode
        for household in families.households[fixed:]
        if random.random() < rates.REFERRED_HOUSEHOLDS
        for episode in _household(random, today, household, by_household[household.number], partners)
    ]
    return tuple(sorted(episodes, key=lambda episode: (episode.child, episode.referral.made)))


def _household(
    random: Random, today: date, household: Household, children: list[Child], partners: Partners
) -> Iterator[Episode]:
    """One referral after another, each of one child and, often, siblings; the next only once all are closed."""
    made = _first_referral(random, today, children)
    while made <= today:
        referred = _referred(random, children, made)
        if not referred:
            return
        history = unfold(History(random, today, _weekday_mostly(random, made, today), rates.SOURCES.draw(random)))
        yield from _episodes(random, history, household, referred, partners)
        if history.closed is None:
            return
        last_chance = history.made + _YEAR
        soon = history.closed + timedelta(days=10)
        if random.random() < rates.REFERRED_AGAIN and soon < last_chance:
            made = day_between(random, soon, last_chance)
        elif random.random() < 0.15:
            made = max(soon, last_chance) + timedelta(days=between(random, 1, 900))
        else:
            return


def _first_referral(random: Random, today: date, children: list[Child]) -> date:
    yesterday = today - timedelta(days=1)
    due = next((child.expected for child in children if child.expected is not None), None)
    if due is not None and random.random() < rates.REFERRED_BEFORE_BIRTH:
        return day_between(random, due - _BEFORE_BIRTH + timedelta(days=1), yesterday)
    return day_between(random, today - timedelta(days=365 * rates.HISTORY_YEARS), yesterday)


def _referred(random: Random, children: list[Child], made: date) -> list[Child]:
    """Those born by then, and the unborn within 200 days of birth; the first drawn and some siblings."""
    eligible = [child for child in children if 0 <= child.age_on(made) < 18 or _due_soon(child, made)]
    if not eligible:
        return []
    first = pick(random, eligible)
    return [child for child in eligible if child is first or random.random() < rates.SIBLING_REFERRED_TOO]


def _due_soon(child: Child, made: date) -> bool:
    return child.expected is not None and child.expected - made < _BEFORE_BIRTH


def _weekday_mostly(random: Random, day: date, today: date) -> date:
    return day if is_working_day(day) or random.random() < 0.15 else min(working_day_on_or_after(day), today)


def unfold(history: History) -> History:
    """Play a referral forward until it is closed or today is reached."""
    try:
        _decide(history)
    except NotYetError:
        return history
    return history


def _decide(history: History) -> None:
    history.decided = history.when(history.later(history.made, 0 if is_working_day(history.made) else 1, 1))
    history.outcome = rates.REFERRAL_OUTCOMES.draw(history.random)
    match history.outcome:
        case "ASM":
            _assess(history)
        case "STR" | "EMG":
            _discuss(history, history.decided)
        case "EH":
            _close(history, history.decided, "RC9")
        case _:
            _close(history, history.decided, "RC8")


def _assess(history: History) -> None:
    """The outcome of an assessment may be a strategy discussion, held on the day that it ends."""
    assert history.decided is not None
    due, end = add_working_days(history.made, ASSESS_IN), history.later(history.decided, 10, 50)
    factors = _factors(history.random)
    history.assessment = Assessment(history.decided, due, None, None, ())
    history.when(end)
    outcome = rates.ASSESSMENT_OUTCOMES.draw(history.random)
    history.assessment = Assessment(history.decided, due, end, outcome, factors)
    match outcome:
        case "STR":
            _discuss(history, end)
        case "CIN":
            _support(history, end)
        case _:
            _close(history, end, "RC8" if history.random.random() < 0.6 else "RC9")


def _factors(random: Random) -> tuple[str, ...]:
    if random.random() < 0.08:
        return ("21",)
    chosen = {pick(random, rates.FACTORS) for _ in range(between(random, 1, 4))}
    return tuple(factor for factor in rates.FACTORS if factor in chosen)


def _discuss(history: History, day: date) -> None:
    held = history.when(history.later(day, 0, 2))
    outcome = rates.STRATEGY_OUTCOMES.draw(history.random)
    history.strategy = Strategy(held, outcome)
    if outcome == "S47":
        _enquire(history, held)
    else:
        _close(history, held, "RC8")


def _enquire(history: History, start: date) -> None:
    """An assessment goes with the enquiry, if the child has had none in this episode."""
    with_assessment = history.assessment is None
    due = add_working_days(history.made, ASSESS_IN)
    history.enquiry = Enquiry(start, None, None)
    if with_assessment:
        history.assessment = Assessment(start, due, None, None, ())
    end = history.when(history.later(start, 3, 9))
    outcome = rates.ENQUIRY_OUTCOMES.draw(history.random)
    history.enquiry = Enquiry(start, end, outcome)
    if with_assessment:
        result = "CLOS" if outcome == "NSUB" else "CIN"
        history.assessment = Assessment(start, due, end, result, _factors(history.random))
    match outcome:
        case "ICPC":
            _confer(history, start)
        case "CIN":
            _support(history, end)
        case _:
            _close(history, end, "RC8")


def _confer(history: History, strategy: date) -> None:
    assert history.enquiry is not None
    assert history.enquiry.end is not None
    due = add_working_days(strategy, CONFER_IN)
    held = history.when(
        max(add_working_days(strategy, rates.CONFERENCE_DAYS.draw(history.random)), history.enquiry.end)
    )
    outcome = rates.CONFERENCE_OUTCOMES.draw(history.random)
    history.conferences.append(Conference("ICPC", held, due, outcome))
    match outcome:
        case "CPP":
            _protect(history, held)
        case "CIN":
            _support(history, held)
        case _:
            _close(history, held, "RC8")


def _protect(history: History, start: date) -> None:
    """Reviewed within three months, then every six, until a review ends the plan.

    The first review after a child came into care ends it, and the case stays open.
    """
    random = history.random
    category = rates.CATEGORIES.draw(random)
    history.plans.append(Plan("CPP", start, None, category))
    if random.random() < rates.LOOKED_AFTER_FROM_PLAN:
        since = history.later(start, 5, 60)
        history.looked_after_since = since if since <= history.today else None
    last, months = start, 3
    for chance in (*rates.REVIEW_ENDS_PLAN, 1.0):
        due = add_months(last, months)
        held = history.when(working_day_on_or_before(due - timedelta(days=between(random, 0, 9))))
        in_care = history.looked_after_since is not None and history.looked_after_since <= held
        ends = random.random() < chance or in_care
        history.conferences.append(Conference("RCPC", held, due, "END" if ends else "CONT"))
        if ends:
            history.plans[-1] = Plan("CPP", start, held, category)
            if not in_care:
                _support(history, held)
            return
        last, months = held, 6


def _support(history: History, after: date) -> None:
    """A child-in-need plan, from the working day after what led to it."""
    start = history.when(add_working_days(after, 1))
    history.plans.append(Plan("CIN", start, None))
    end = history.when(history.later(start, 40, 180))
    history.plans[-1] = Plan("CIN", start, end)
    draw = history.random.random()
    _close(history, end, "RC7" if draw < 0.75 else "RC9" if draw < 0.95 else "RC5")


def _close(history: History, day: date, reason: str) -> None:
    history.closed, history.closure = day, reason


def _episodes(
    random: Random, history: History, household: Household, children: list[Child], partners: Partners
) -> Iterator[Episode]:
    """The same course for each sibling referred; siblings share a worker."""
    worker = between(random, 0, len(partners.workers) - 1)
    decider = between(random, 0, len(partners.workers) - 1)
    referrer = None if history.source in ("9", "10") else full_name(random)
    need = rates.NEEDS.draw(random)
    serious = history.enquiry is not None
    alleged = pick(random, household.adults).name if serious and random.random() < 0.7 else None
    core = tuple(core_group(random, partners, worker, household))
    plans = tuple(
        Plan(plan.kind, plan.start, plan.end, plan.category, core) if plan.kind == "CPP" else plan
        for plan in history.plans
    )
    for child in children:
        yield Episode(
            child=child.number,
            referral=Referral(
                history.made,
                history.source,
                add_working_days(history.made, DECIDE_IN),
                history.decided,
                history.outcome,
            ),
            decider=decider,
            worker=worker,
            need="N1" if serious else need,
            assessment=history.assessment,
            strategy=history.strategy,
            enquiry=history.enquiry,
            conferences=tuple(history.conferences),
            plans=plans,
            looked_after_since=history.looked_after_since,
            closed=history.closed,
            closure=history.closure,
            referrer=referrer,
            alleged=alleged,
        )


def core_group(random: Random, partners: Partners, worker: int, household: Household) -> Iterator[Member]:
    yield Member(partners.workers[worker].name, "Lead social worker")
    yield Member(pick(random, partners.health_visitors).name, "Health visitor")
    yield Member(pick(random, partners.primaries).safeguarding_lead, "Designated safeguarding lead")
    yield from (Member(adult.name, adult.relationship) for adult in household.adults)
