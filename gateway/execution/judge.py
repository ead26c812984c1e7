"""Who may have what of which child: decided at run time, before an agency is asked.

A `Judge` belongs to one request: it reads each subject's facts once, and keeps from a step the objects of which it may
not ask all.
"""

from __future__ import annotations

import logging
import time
from operator import is_
from typing import TYPE_CHECKING, Final, NamedTuple

from authz.errors import FactsError
from authz.policy import Reason
from authz.standing import UNRELATED, Moment, Standing, relationships_of
from gateway.execution.context import holds
from gateway.execution.desk import NOTHING
from gateway.execution.gathered import Gathered, Partial, below, of_types
from gateway.execution.outcome import Denied
from gateway.operations.subjects import SUBJECT_KEY, fact_key
from gateway.planning.documents import asks
from gateway.supergraph.selections import Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from authz.principal import Principal
    from gateway.execution.desk import Desk, Keys, Lost, Ruling, Told
    from gateway.execution.gathered import Object
    from gateway.execution.locate import Place
    from gateway.execution.outcome import Outcome
    from gateway.planning import Crossing, Guard, Input, Request, Step

MAX_LEVELS: Final = 4
"""Of the levels looked at last whose rulings are known at once."""

MAX_ABOUT: Final = 100
"""Subjects that one object may be about."""

_SHIELDED, _RELATIONSHIPS = fact_key("shielded"), fact_key("relationships")

log = logging.getLogger("gateway.execution")


class _Seen(NamedTuple):
    """A level's objects by what is decided: `read` have one of the rulings, of `unread` too little is known."""

    level: list[Object]
    rulings: set[Ruling]
    read: list[Object]
    unread: list[Object]


class Judge:
    """Decides about the objects of one request.

    `unrelated` are the subjects (ids) that may be known of, and with whom there is no relationship of any kind;
    `denied` is what was withheld of each subject (id).
    """

    def __init__(
        self,
        desk: Desk,
        principal: Principal,
        outcome: Outcome,
        granted: str | None = None,
        variables: Mapping[str, object] | None = None,
        claimed: frozenset[str] = frozenset(),
    ) -> None:
        """`granted` is the id of the child for whom the principal has broken the glass, `claimed` are those of children
        with whom they have claimed a relationship.

        `variables` are the request's, of which `@skip` and `@include` speak.
        """
        self.desk = desk
        self._principal = principal
        self._outcome = outcome
        self._granted = granted
        self._claimed = claimed
        self.unrelated: dict[str, None] = {}
        self._variables = variables or {}
        self._now = Moment.at(time.time())
        self._known: dict[int, Ruling] = {}
        self._keep: list[Object] = []
        self._by_standing: dict[Standing, Ruling] = {}
        self._kept_back: dict[int, dict[Keys, Lost]] = {}
        self._levels: list[_Seen] = []
        self.denied: dict[str, dict[Denied, None]] = {}
        self._standings: dict[str, Standing] = {}
        self._relationships: dict[int, tuple[str, ...]] = {}

    def admit(self, gathered: Gathered, level: list[Object], number: int, request: Request) -> list[Object]:
        """Those of a position's objects, themselves subjects or with subjects of their own, of which all may be asked.

        What may be asked of others goes to `gathered.partial`; those of whom too little is known are missing.
        """
        step = gathered.step
        guard = step.guards[number]
        if guard.about:
            return self._admit_about(gathered, level, number, request)
        seen = self._seen(level)
        for given in seen.rulings:
            if not self.desk.is_open(step, number, given):
                break
        else:
            for one in seen.unread:
                self._lacks(gathered, one)
            return seen.read
        admitted: list[Object] = []
        for one in level:
            ruling = self.ruling(one)
            if ruling is None:
                self._lacks(gathered, one)
            elif ruling.known and not self._is_kept_out(ruling, guard):
                self._sort(gathered, one, [(one, ruling)], number, request, admitted)
        return admitted

    def _seen(self, level: list[Object]) -> _Seen:
        """What is decided of a level's objects, looked at once for all steps."""
        for seen in self._levels:
            if seen.level is level or (len(seen.level) == len(level) and all(map(is_, seen.level, level))):
                return seen
        found: set[Ruling] = set()
        unread: list[Object] = []
        if level and self._granted is None and not self._claimed and all(map(_is_of_nobody, level)):
            of_all = self._ruling_of(UNRELATED)
            if of_all.known:
                self.unrelated.update((str(one[SUBJECT_KEY]), None) for one in level)
            found.add(of_all)
            return self._remembered(_Seen(level, found, level, unread))
        for one in level:
            ruling = self.ruling(one)
            if ruling is None:
                unread.append(one)
            else:
                found.add(ruling)
        if unread:  # what is not known yet may be when it is asked again
            lacking = set(map(id, unread))
            return _Seen(level, found, [one for one in level if id(one) not in lacking], unread)
        return self._remembered(_Seen(level, found, level, unread))

    def _remembered(self, seen: _Seen) -> _Seen:
        del self._levels[: 1 - MAX_LEVELS]
        self._levels.append(seen)
        return seen

    def _admit_about(self, gathered: Gathered, level: list[Object], number: int, request: Request) -> list[Object]:
        admitted: list[Object] = []
        absent = self._outcome.absent
        for one in level:
            subjects = [subject for key in gathered.step.guards[number].about for subject in below([one], key)]
            rulings = [(subject, self.ruling(subject)) for subject in subjects[:MAX_ABOUT]]
            known = [(subject, ruling) for subject, ruling in rulings if ruling is not None and ruling.known]
            if any(ruling is None and id(subject) not in absent for subject, ruling in rulings):
                self._lacks(gathered, one)
            elif known and len(known) == len(subjects):
                before = len(admitted), len(gathered.partial)
                self._sort(gathered, one, known, number, request, admitted)
                if len(admitted) > before[0] or self._is_any_asked(gathered, before[1]):
                    # the log says whom an answer is about, whether or not they are in it by themselves
                    self._outcome.subjects.update((str(subject[SUBJECT_KEY]), None) for subject in subjects)
            else:  # one whom the reader may not know of is like one who does not exist
                self._say(self.desk.unknown(request, gathered.step, number))
        return admitted

    def _is_any_asked(self, gathered: Gathered, since: int) -> bool:
        """Whether something is asked of any of the objects, from this one on, of which not all may be asked."""
        return any(asks(self.desk.left(gathered.step, one.denied)) for one in gathered.partial[since:])

    def admit_below(self, gathered: Gathered, subjects: list[Object], number: int, request: Request) -> list[Object]:
        """The same of objects that are further down from their subjects."""
        step = gathered.step
        guard = step.guards[number]
        admitted: list[Object] = []
        for subject in subjects:
            ruling = self.ruling(subject)
            level = [subject]
            for segment in step.paths[number][guard.up :]:
                level = below(level, segment.key)
                if segment.types is not None:
                    level = of_types(level, segment.types)
            for one in level:
                if ruling is None:
                    self._lacks(gathered, one)
                elif ruling.known and not self._is_kept_out(ruling, guard):
                    self._sort(gathered, one, [(subject, ruling)], number, request, admitted)
        return admitted

    def relationships_with(self, subject: str) -> tuple[str, ...]:
        """Return those with one subject (id), sorted; with them `break_glass` where the glass is broken for it."""
        standing = self._standings.get(subject, UNRELATED)
        found = self._relationships.get(id(standing))  # it is one object for all of whom it is so: see `_ruling_of`
        if found is None:
            broken = {"break_glass"} if standing.break_glass else set()
            found = self._relationships[id(standing)] = tuple(sorted(_ties(standing) | broken))
        return found

    def settle(self) -> None:
        """Before the answer is made: who may not be told of is not there, and of whom too little is known neither."""
        data = self._outcome.data
        assert data is not None
        for crossing in self.desk.plan.crossings:
            path = tuple(segment.key for segment in crossing.path)
            level = above = [data]
            for segment in crossing.path:
                above, level = level, below(level, segment.key)
                if segment.types is not None:
                    level = of_types(level, segment.types)
            if self.desk.hides_unrelated:
                self._say_in_part(crossing, path, above)
            seen = self._seen(level)
            if all(self._enters(crossing, ruling) for ruling in seen.rulings):
                for one in seen.unread:
                    one.pop(SUBJECT_KEY, None)
                continue
            for one in level:
                ruling = self.ruling(one)
                if ruling is None:
                    one.pop(SUBJECT_KEY, None)
                    continue
                if not ruling.known:
                    self._outcome.absent[id(one)] = one
                    continue
                denied = self.desk.enters(crossing.demand, ruling) if crossing.demand else None
                if denied is not None:
                    self._outcome.absent[id(one)] = one
                    name, reason = denied
                    entry = Denied(".".join(path), "", "", name, reason.value, ruling.standing)
                    self._outcome.denied[entry] = None

    def _say_in_part(self, crossing: Crossing, path: tuple[str, ...], above: Iterable[Object]) -> None:
        """Say of a list that it may be in part, and of a single child who is not there that they may be hidden.

        It is said whether or not anybody was left out: so it tells nothing of whoever was.
        """
        stated = [one[path[-1]] for one in above if path[-1] in one]
        if any(value is None or value.__class__ is list or self._is_hidden(value) for value in stated):
            policy = crossing.demand[0][0] if crossing.demand else ""
            reason = Reason.NO_RELATIONSHIP.value
            self._outcome.denied[Denied(".".join(path), "", "", policy, reason, UNRELATED)] = None

    def _is_hidden(self, value: object) -> bool:
        ruling = self.ruling(value) if isinstance(value, dict) else None
        return ruling is not None and not ruling.known

    def _enters(self, crossing: Crossing, ruling: Ruling) -> bool:
        return ruling.known and (not crossing.demand or self.desk.enters(crossing.demand, ruling) is None)

    def ruling(self, subject: Object) -> Ruling | None:
        """What is decided of a subject; None where too little is known of it."""
        found = self._known.get(id(subject))
        if found is None:
            found = self._found(subject)  # what is not known yet may be when it is asked again
            if found is not None:
                self._known[id(subject)] = found
                self._keep.append(subject)  # while it is kept, no other object has its id
        return found

    def _found(self, subject: Object) -> Ruling | None:
        child = subject.get(SUBJECT_KEY)
        if child.__class__ is not str or _SHIELDED not in subject:
            return None
        shielded, stated = subject[_SHIELDED], subject.get(_RELATIONSHIPS, ())
        broken = self._granted is not None and child == self._granted
        try:
            kinds, team = relationships_of(self._principal, stated, self._now)
        except FactsError as error:
            log.warning("a subject's facts can't be read: %s", error)
            return None
        if shielded.__class__ is not bool:
            log.warning("a subject does not say whether it is shielded")
            return None
        ruling = self._ruling_of(Standing(kinds, team, shielded, broken, child in self._claimed))
        standing = self._standings[child] = ruling.standing
        if ruling.known and not (standing.related or standing.claimed or broken):
            self.unrelated[child] = None
        return ruling

    def _ruling_of(self, standing: Standing) -> Ruling:
        ruling = self._by_standing.get(standing)
        if ruling is None:
            ruling = self._by_standing[standing] = self.desk.ruling(standing)
        return ruling

    def _is_kept_out(self, ruling: Ruling, guard: Guard) -> bool:
        return bool(guard.entering) and self.desk.enters(guard.entering, ruling) is not None

    def _sort(
        self,
        gathered: Gathered,
        one: Object,
        ruled: list[tuple[Object, Ruling]],
        number: int,
        request: Request,
        admitted: list[Object],
    ) -> None:
        """`ruled` are the subjects whom the object is about, and what is decided of each."""
        step = gathered.step
        holders = _holders(one, step)
        by_denied: dict[frozenset[int], list[object]] = {}
        for holder in holders or (None,):
            code = _code(holder)
            each = [self.desk.denied(step, ruling, code) for _, ruling in ruled]
            denied = each[0] if len(each) == 1 else frozenset[int]().union(*each)
            if denied:
                self._tell(request, step, number, ruled, code)
                self._keep_back(one, step, ruled, code)
            by_denied.setdefault(denied, []).append(holder)
        if len(by_denied) == 1 and NOTHING in by_denied:
            admitted.append(one)
        elif len(by_denied) == 1 or step.held is None:
            gathered.partial.extend(Partial(one, denied, None) for denied in by_denied)
        else:  # what several holders have comes in answers of their own, and is put together
            for denied, some in by_denied.items():
                gathered.partial.append(Partial({**one, step.held: some}, denied, one))

    def _tell(
        self, request: Request, step: Step, number: int, ruled: list[tuple[Object, Ruling]], holder: str | None
    ) -> None:
        for subject, ruling in ruled:
            told = self.desk.explain(request, step, number, ruling.standing, holder)
            self._say(told, str(subject[SUBJECT_KEY]))

    def _say(self, told: Iterable[Told], subject: str | None = None) -> None:
        """`subject` is the id of whom it is said, where it is said of one."""
        for conditions, entry in told:
            if not conditions or holds((conditions,), self._variables):
                self._outcome.denied[entry] = None
                if subject is not None:
                    self.denied.setdefault(subject, {})[entry] = None

    def _keep_back(self, one: Object, step: Step, ruled: list[tuple[Object, Ruling]], holder: str | None) -> None:
        """Remember why an object has not all that a step would have brought: other steps may need it."""
        for _, ruling in ruled:
            self._remember_lost(one, self.desk.lost(step, ruling.standing, holder))

    def _remember_lost(self, one: Object, lost: Mapping[Keys, Lost]) -> None:
        if lost and id(one) not in self._kept_back:
            self._kept_back[id(one)] = {}
            self._keep.append(one)  # while it is kept, no other object has its id
        if lost:
            self._kept_back[id(one)].update(lost)

    def explain_lacking(self, request: Request, step: Step, places: Iterable[Place]) -> list[Place]:
        """Tell why what a step is asked with was kept back; those of whom it was not, for whom it is missing."""
        others = []
        keys = [selection.key for selection in step.selections if isinstance(selection, Field)]
        for place in places:
            lost = self._why(place.object, step.keys + step.required, [])
            if lost is None:
                others.append(place)
            else:
                position = tuple(part for part in place.path if isinstance(part, str))
                self._say(self.desk.not_asked(request, step, position, lost))
                self._remember_lost(place.object, {(key,): lost for key in keys})
        return others

    def _why(self, one: Object, inputs: Iterable[Input], above: list[tuple[Mapping[Keys, Lost], Keys]]) -> Lost | None:
        """Why one of these inputs was kept back of an object, or of what is below it; None where none of them was.

        `above` is what was kept back of the objects that led here, with the keys that lead here from each.
        """
        known = [*above, (self._kept_back.get(id(one), {}), ())]
        for item in inputs:
            ways = [(kept, (*keys, item.key)) for kept, keys in known if kept]
            for kept, keys in ways:
                if keys in kept:
                    return kept[keys]
            if item.inputs:
                for each in below([one], item.key):
                    found = self._why(each, item.inputs, ways)
                    if found is not None:
                        return found
        return None

    def _lacks(self, gathered: Gathered, one: Object) -> None:
        if id(one) not in self._outcome.absent:
            gathered.missing.append(one)


def _ties(standing: Standing) -> frozenset[str]:
    """The relationships of a standing; where there is none, `claimed` where one is claimed, else `none`."""
    found = standing.relationships | {"team"} if standing.team else standing.relationships
    return found or frozenset(("claimed" if standing.claimed else "none",))


def _holders(one: Object, step: Step) -> list[object]:
    """The agencies that hold what a step asks about an object: as the index says, or by the record's own id."""
    if step.held is not None:
        found = one.get(step.held)
        return found if isinstance(found, list) else []
    if len(step.keys) == 1 and not step.keys[0].inputs and not step.guards[0].about:
        code, colon, _ = str(one.get(step.keys[0].key)).partition(":")
        if colon and step.guards[0].up < len(step.paths[0]):
            return [{"agency": code}]
    return []


def _is_of_nobody(one: Object) -> bool:
    """Whether nothing is to be said of a subject but that it is there: as it is of many."""
    return one.get(_RELATIONSHIPS) == [] and one.get(_SHIELDED) is False and one.get(SUBJECT_KEY).__class__ is str


def _code(holder: object) -> str | None:
    """The code of the agency that is the holder; "" for one that can't be read, which is nobody's own."""
    if holder is None:
        return None
    code = holder.get("agency") if isinstance(holder, dict) else None
    return code if isinstance(code, str) else ""
