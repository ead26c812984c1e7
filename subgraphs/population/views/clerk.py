"""An agency's clerk, who writes names, birthdays and numbers down with the slips of that agency."""

from dataclasses import dataclass
from datetime import date, timedelta

from subgraphs.population.model import Child
from subgraphs.population.names import SPELLINGS
from subgraphs.population.streams import between, stream


@dataclass(frozen=True, slots=True)
class Slips:
    """How often, of records: a name in another spelling, a birthday wrong or absent, a number absent."""

    misspelt: float = 0.0
    wrong_birthday: float = 0.0
    no_birthday: float = 0.0
    no_nhs: float = 0.0
    no_upn: float = 0.0


@dataclass(frozen=True, slots=True)
class Written:
    """What the clerk wrote."""

    forename: str | None
    surname: str
    born: date | None
    nhs: str | None
    upn: str | None


class Clerk:
    def __init__(self, seed: int, agency: str, slips: Slips) -> None:
        self.random = stream(seed, f"clerk of {agency}")
        self._slips = slips

    def chance(self, rate: float) -> bool:
        return self.random.random() < rate

    def write(self, child: Child, today: date) -> Written:
        """`steadfast` children in full and exactly; shielded ones with the numbers that a shield hangs on."""
        if child.steadfast:
            return Written(child.forename, child.surname, child.born, child.nhs, child.upn)
        slips, sure = self._slips, child.shielded
        return Written(
            forename=None if child.forename is None else self._name(child.forename),
            surname=self._name(child.surname),
            born=self._birthday(child.born, today, sure),
            nhs=None if self.chance(slips.no_nhs) and not sure else child.nhs,
            upn=None if self.chance(slips.no_upn) and not sure else child.upn,
        )

    def _name(self, name: str) -> str:
        if not self.chance(self._slips.misspelt):
            return name
        return SPELLINGS.get(name) or self._slip(name)

    def _slip(self, name: str) -> str:
        """Two letters changed about, one left out, or one doubled."""
        place = between(self.random, 1, len(name) - 2) if len(name) > 3 else 1
        match between(self.random, 0, 2):
            case 0:
                return name[:place] + name[place + 1 : place + 2] + name[place] + name[place + 2 :]
            case 1:
                return name[:place] + name[place + 1 :]
            case _:
                return name[: place + 1] + name[place:]

    def _birthday(self, born: date | None, today: date, sure: bool) -> date | None:
        """Wrong: day and month changed about where that gives a day, else out by one. Never after today."""
        draw = self.random.random()
        if born is None or sure:
            return born
        if draw < self._slips.no_birthday:
            return None
        if draw >= self._slips.no_birthday + self._slips.wrong_birthday:
            return born
        swapped = date(born.year, born.day, born.month) if born.day <= 12 else born
        return swapped if swapped != born and swapped <= today else born - timedelta(days=1)
