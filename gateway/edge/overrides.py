"""Progressive overrides (Federation, `@override(label:)`): which labels are in force for a request.

A label is in force where configuration says so; one that reads `percent(N)` otherwise with probability N in a hundred,
drawn anew for each request. Each set of labels has plans of its own, so that the number of labels drawn is bounded.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Final

from gateway.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.supergraph import Supergraph

MAX_DRAWN: Final = 4
"""Labels that are drawn: k of them make 2 to the power of k sets, each planned for by itself."""

_PERCENT = re.compile(r"percent\((\d{1,3}(?:\.\d{1,8})?)\)")


class Overrides:
    """The labels of one supergraph."""

    def __init__(
        self, supergraph: Supergraph, in_force: frozenset[str], chance: Callable[[], float] = random.random
    ) -> None:
        """`chance` gives numbers from 0 up to but not 1.

        Raises `ConfigError` where more labels are to be drawn than `MAX_DRAWN`.
        """
        shares = {label: _share(label) for label in override_labels(supergraph) if label not in in_force}
        self.always: Final = in_force | {label for label, share in shares.items() if share >= 1}
        self._drawn = [(label, share) for label, share in shares.items() if 0 < share < 1]
        self._chance = chance
        if len(self._drawn) > MAX_DRAWN:
            listed = ", ".join(f"`{label}`" for label, _ in self._drawn)
            raise ConfigError(
                f"at most {MAX_DRAWN} labels of overrides are drawn by percent, the supergraph has {len(self._drawn)}:"
                f" {listed}; put some in force by `--override-label`, or finish them"
            )

    def draw(self) -> frozenset[str]:
        """The labels that are in force for one request."""
        if not self._drawn:
            return self.always
        return self.always | {label for label, share in self._drawn if self._chance() < share}


def override_labels(supergraph: Supergraph) -> list[str]:
    """Every label that the supergraph's overrides have, each once."""
    return list(
        dict.fromkeys(
            owner.override_label
            for type_ in supergraph.types.values()
            for field in type_.fields.values()
            for owner in field.owners
            if owner.override_label is not None
        )
    )


def _share(label: str) -> float:
    """The part of requests for which a label is in force by itself: none, unless it is a percentage."""
    found = _PERCENT.fullmatch(label)
    return float(found[1]) / 100 if found else 0.0
