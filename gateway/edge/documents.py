"""Documents that have been read, each kept by its text without the values that are written in it.

What names a child is neither in a key nor in what is kept: how long an operation takes does not tell whom others have
asked for. Whoever writes values into a text pays for finding them; whose text has none is found by it at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import orjson
from blake3 import blake3

from authz.bounded import Bounded
from gateway.edge.person_limiter import searches_of
from gateway.edge.single_flight import SingleFlight
from gateway.operations import (
    CostEstimator,
    Normalised,
    Template,
    declared,
    normalise,
    place_of,
    read_document,
    without_values,
)

if TYPE_CHECKING:
    from gateway.edge.introspection import Introspection, Introspector
    from gateway.edge.person_limiter import Search
    from gateway.edge.workshop import Workshop
    from gateway.operations import Declared, Document, Limits, Operation, Written
    from gateway.operations.price import Price
    from gateway.supergraph import Supergraph

MAX_DOCUMENTS = 2_000
MAX_TEXT = 2 * 2**20
"""Characters of all documents that are kept; read, each takes some 10 bytes."""

_Slot: TypeAlias = tuple[str, str, str | None]
"""A text without values, where they stand in it, and the operation chosen."""


class Prepared:
    """A document that has been read: of it what is needed again.

    `slot` stands for the text and the operation chosen, None where that has values; `plan_id` for what is planned: it
    is the same whatever values the text has, so that a plan never tells who was asked about before. `introspection` is
    what it asks of the schema itself, if it does, `searches` are its root fields that look for subjects. `template`
    fills in the values of other texts.
    """

    def __init__(
        self,
        text: str,
        operation_name: str | None,
        declared: Declared,
        introspection: Introspection | None,
        normalised: Normalised,
        price: Price,
        searches: tuple[Search, ...] = (),
        template: Template | None = None,
        *,
        has_values: bool = False,
    ) -> None:
        self.slot = None if has_values else blake3(orjson.dumps([text, operation_name])).digest()
        self.text = text
        self.operation_name = operation_name
        self.declared = declared
        self.introspection = introspection
        self.normalised = normalised
        self.operation: Operation = normalised.operation
        self.plan_id = blake3(self.operation.text.encode()).digest()
        self.price = price
        self.searches = searches
        self.template = template
        self.takes_variables = bool(declared.definitions or normalised.values)

    def with_values(self, text: str, values: dict[str, object]) -> Prepared:
        """Return the same document with the values of another text."""
        other = Prepared.__new__(Prepared)
        other.__dict__.update(self.__dict__)
        other.text = text
        normalised = self.normalised
        other.normalised = Normalised(normalised.operation, normalised.given, values)
        return other

    def place_of(self, variable: str) -> tuple[int, int] | None:
        """Return where a variable is declared (line, column)."""
        return place_of(variable, self.text, self.operation_name)


class Documents:
    """Reads documents over one supergraph, in `workshop`, and keeps them in `kept`."""

    def __init__(self, supergraph: Supergraph, limits: Limits, introspector: Introspector, workshop: Workshop) -> None:
        self._supergraph = supergraph
        self._limits = limits
        self._introspector = introspector
        self._estimator = CostEstimator(supergraph, limits.list_size)
        self.kept: Bounded[_Slot, Prepared] = Bounded(
            MAX_DOCUMENTS, most=MAX_TEXT, weigh=lambda prepared: len(prepared.text)
        )
        self._flights: SingleFlight[_Slot, Prepared] = SingleFlight(self.kept, workshop)

    async def prepare(self, text: str, operation_name: str | None, asker: str = "") -> Prepared:
        """Return the document, read; raises `RequestError`. `asker` is who waits for it."""
        slot = (text, "", operation_name)
        known = self.kept.get(slot)
        if known is not None:
            return known
        written = without_values(text)
        if written.is_as_sent:
            return await self._flights.make(slot, lambda: self._read(text, operation_name), asker)
        slot = (written.text, written.pattern, operation_name)
        known = self.kept.get(slot)
        if known is not None:
            values = known.template.filled(written.values) if known.template else known.normalised.values
            if values is not None:
                return known.with_values(text, dict(values))
        # others are not waiting for the same: what is wrong with a value is told to whoever wrote it
        prepared = await self._flights.alone(lambda: self._read(text, operation_name, written), asker)
        if known is None and written.names_nobody and (prepared.template or not written.pattern):
            self.kept.put(slot, _without_values(prepared, written))
        return prepared

    def _read(self, text: str, operation_name: str | None, written: Written | None = None) -> Prepared:
        document = read_document(text, operation_name, self._supergraph.api_schema, self._limits)
        introspection = self._introspector.read(document)
        normalised = normalise(document, self._supergraph)
        if introspection is not None:
            operation = replace(normalised.operation, introspection=introspection.names)
            normalised = replace(normalised, operation=operation)
        template = None
        if written is not None and written.pattern:
            template = self._template(document, normalised, written, introspection)
        return Prepared(
            text,
            operation_name,
            declared(document.declared),
            introspection,
            replace(normalised, written={}),
            self._estimator.price(normalised.operation),
            searches_of(normalised.operation, self._supergraph),
            template,
            has_values=written is not None,
        )

    def _template(
        self, document: Document, normalised: Normalised, written: Written, introspection: Introspection | None
    ) -> Template | None:
        """Return where the text's values belong; None where not all of them are found again in the operation."""
        if introspection is not None:
            return None  # it has values of its own
        try:
            return Template(document, normalised, written, self._supergraph.api_schema)
        except ValueError:
            return None


def _without_values(prepared: Prepared, written: Written) -> Prepared:
    """What is kept of a document: the text that would be read again is not, and none of its values."""
    values = prepared.template.kept if prepared.template else prepared.normalised.values
    return prepared.with_values(written.text, dict(values))
