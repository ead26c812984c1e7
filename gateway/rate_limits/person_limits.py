"""The limits themselves, as the partnership configures them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import orjson

from authz.principal import Role
from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class PersonLimits:
    """How much one person may do. The front door takes contacts about children whom it does not know: it may do more.

    `children_an_hour` are distinct children without a relationship whose existence an answer discloses,
    `searches_a_minute` distinct searches, `claims_a_day` claimed relationships.
    """

    children_an_hour: int = 30
    front_door_children_an_hour: int = 120
    searches_a_minute: int = 20
    claims_a_day: int = 20
    front_door_claims_a_day: int = 60

    def children(self, roles: Sequence[Role]) -> int:
        """Return how many children without a relationship somebody with these roles may read of in an hour."""
        return self.front_door_children_an_hour if Role.MASH in roles else self.children_an_hour

    def claims(self, roles: Sequence[Role]) -> int:
        """Return how many claims somebody with these roles may make in a day."""
        return self.front_door_claims_a_day if Role.MASH in roles else self.claims_a_day


MOST = 100_000


def read_person_limits(path: Path) -> PersonLimits:
    """Return the limits of a JSON object; those that it does not name stay as they are. Raises `ConfigError`."""
    names = [each.name for each in fields(PersonLimits)]
    try:
        stated = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise ConfigError(f"the limits can't be read: {type(error).__name__}") from error
    if not isinstance(stated, dict) or not set(stated) <= set(names):
        raise ConfigError(f"the limits are a JSON object of {', '.join(names)}")
    for name, value in stated.items():
        if value.__class__ is not int or not 0 <= value <= MOST:
            raise ConfigError(f"`{name}` is a whole number from 0 to {MOST}")
    return PersonLimits(**stated)
