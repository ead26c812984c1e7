"""A subgraph: its declared types, as one federation schema.

`Subgraph.sector` makes that of a sector's agencies of one declared record; the index, which owns Child, gives its own
types.
"""

import logging
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, cast

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter, ParserCache, ValidationCache
from strawberry.federation.schema import FederationAny
from strawberry.federation.schema import Schema as FederationSchema
from strawberry.printer import print_schema
from strawberry.types import ExecutionContext

from resolvers.declare import mapping_of
from resolvers.entity import ChildReference, RecordReference, Reference, resolve_entities
from resolvers.errors import ClientError
from resolvers.guard import LastWord
from resolvers.request import Request
from resolvers.sdl import published
from resolvers.selection import Selection
from resolvers.sources.sql import REQUEST_ID, Database
from resolvers.types import child_stub, publish
from resolvers.vocabulary import Sector

FEDERATION_VERSION: Final = "2.7"
MAX_TOKENS: Final = 10_000
DOCUMENTS_KEPT: Final = 256
_FRAMES: Final = 12

_log = logging.getLogger(__name__)


@strawberry.type(name="_Service")
class Service:
    sdl: str


def _service(info: strawberry.Info) -> Service:
    schema = info.schema
    assert isinstance(schema, SubgraphSchema)
    return Service(sdl=schema.sdl)


@strawberry.type
class ServiceQuery:
    """`Query._service`, with the SDL as it is published."""

    service: Service = strawberry.field(resolver=_service, name="_service")


class SubgraphSchema(FederationSchema):
    """A federation schema that resolves entities in batches and logs errors without their messages."""

    def __init__(self, query: type | None, types: Iterable[type], references: Mapping[str, Reference]) -> None:
        self.references = references
        bases = (ServiceQuery,) if query is None else (ServiceQuery, query)
        super().__init__(
            query=strawberry.type(type("Query", bases, {})),
            types=types,
            federation_version=FEDERATION_VERSION,
            extensions=[
                lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
                lambda: ParserCache(maxsize=DOCUMENTS_KEPT),
                lambda: ValidationCache(maxsize=DOCUMENTS_KEPT),
            ],
        )

    @cached_property
    def sdl(self) -> str:
        """The SDL that composition reads."""
        return published(print_schema(self))

    async def entities_resolver(  # type: ignore[override]  # strawberry's own takes them one by one
        self, info: strawberry.Info[Request, None], representations: list[FederationAny]
    ) -> list[FederationAny]:
        answers = await resolve_entities(self.references, info.context, representations, Selection.under(info))
        return cast("list[FederationAny]", answers)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log what went wrong and where in the code; an exception's message may hold a value, so it is left out."""
        for error in errors:
            original = error.original_error
            if original is not None and not isinstance(original, (ClientError, GraphQLError)):
                frames = traceback.extract_tb(original.__traceback__)
                where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-_FRAMES:]))
                _log.error("request `%s`: %s in %s", REQUEST_ID.get(), type(original).__name__, where)


@dataclass(frozen=True, slots=True)
class Subgraph:
    """What is published under one name. `stub` makes a Child of a reference to it.

    `while_served` is entered before the first request is answered, and left after the last: it raises
    `SourceUnavailable` where the database is not to be served.
    """

    name: str
    schema: SubgraphSchema
    stub: Callable[[str], object]
    while_served: Callable[[Database], AbstractAsyncContextManager[None]] | None = None

    @classmethod
    def sector(
        cls,
        name: str,
        sector: Sector,
        field_name: str,
        record: type,
        *,
        refers: bool = False,
        last_word: LastWord | None = None,
        sensitive: bool = False,
    ) -> "Subgraph":
        """A sector's subgraph: `Child.<field_name>` and the record. `refers`: its records point at other children.

        `last_word` keeps back what this agency does not give whoever asks. `sensitive`: it is itself sensitive that it
        holds a record, as of a refuge; it is asked for whoever may know of sensitive services only.
        """
        child = child_stub(sector, field_name, record, refers=refers, last_word=last_word, sensitive=sensitive)
        publish(record, child if refers else None)
        references: dict[str, Reference] = {
            "Child": ChildReference(child, field_name, record),
            mapping_of(record).name: RecordReference(record),
        }

        def stub(ref: str) -> object:
            made: Any = object.__new__(child)
            made.ref = strawberry.ID(ref)
            return made

        return cls(name, SubgraphSchema(None, [child, record], references), stub)
