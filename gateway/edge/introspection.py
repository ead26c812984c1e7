"""Introspection of the API schema (GraphQL specification, section 4): answered here, no subgraph is asked."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import orjson
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    execute_sync,
    get_introspection_query,
    is_abstract_type,
    visit,
)

from authz.bounded import Bounded
from gateway.edge.single_flight import SingleFlight
from gateway.edge.workshop import Workshop
from gateway.errors import RequestError
from gateway.operations import Limits, read_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphql import GraphQLSchema

    from gateway.operations import Document

FIELDS: Final = 10_000
TIMES: Final = 3
"""What may be asked of a schema at once: so many fields, and so many times what tools ask, which is all of it."""

MAX_KEPT: Final = 32
_ROOT_FIELDS: Final = frozenset(("__schema", "__type"))
_Slot: TypeAlias = tuple[bytes, bytes]


class Introspection(NamedTuple):
    """What an operation asks of the schema itself. `keys` are all of its root's, `cost` is about how many fields.

    `names` are the root fields that ask it, sorted, `variables` those that it uses.
    """

    document: DocumentNode
    keys: tuple[str, ...]
    cost: int
    names: tuple[str, ...]
    variables: frozenset[str]

    def in_order(self, data: dict[str, object]) -> dict[str, object]:
        """The root's keys as the client asked for them, where introspection has come in between."""
        return {key: data[key] for key in self.keys if key in data}


class _Kept(NamedTuple):
    data: dict[str, object]
    cost: int


class Introspector:
    """Answers what is asked of one schema, off the event loop: it is work of milliseconds, and more where much is."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._workshop = Workshop("introspection")

    @cached_property
    def _sizes(self) -> Mapping[tuple[str, bool], float]:
        return _sizes(self.schema)

    @cached_property
    def most(self) -> int:
        """About how many fields may be asked at once, and are kept."""
        usual = read_document(get_introspection_query(), None, self.schema, Limits())
        return FIELDS + TIMES * int(_cost(usual, usual.operation.selection_set, self._sizes, spread=True))

    @cached_property
    def _answers(self) -> SingleFlight[_Slot, _Kept]:
        return SingleFlight(Bounded(MAX_KEPT, most=self.most, weigh=lambda kept: kept.cost), self._workshop)

    def read(self, document: Document) -> Introspection | None:
        """What a document asks of the schema, if it does; raises `RequestError` where that is too much."""
        selections = _only_introspection(document, document.operation.selection_set)
        if not selections:
            return None
        node = document.operation
        asked = SelectionSetNode(selections=selections)
        used = _variables(document, asked)
        definitions = [d for d in node.variable_definitions or () if d.variable.name.value in used]
        operation = OperationDefinitionNode(
            operation=node.operation,
            name=node.name,
            variable_definitions=tuple(definitions),
            directives=(),
            selection_set=asked,
        )
        cost = int(_cost(document, operation.selection_set, self._sizes, spread=True))
        if cost > self.most:
            message = f"the operation asks for some {cost} fields of the schema; at most {self.most} are taken"
            raise RequestError.of("OPERATION_TOO_LARGE", message)
        whole = DocumentNode(definitions=(operation, *document.fragments.values()))
        names = tuple(sorted({name for name in _ROOT_FIELDS if _asks(selections, name)}))
        return Introspection(whole, tuple(dict.fromkeys(_keys(document, node.selection_set))), cost, names, used)

    async def answer(
        self, asked: Introspection, slot: bytes | None, variables: Mapping[str, object], asker: str = ""
    ) -> dict[str, object]:
        """What is asked, by response key; `slot` stands for the document, `asker` is who waits for it.

        It is kept where it depends on no value but true and false: any other could name a child.
        """
        given = {name: variables[name] for name in asked.variables & variables.keys()}

        def made() -> _Kept:
            result = execute_sync(self.schema, asked.document, variable_values=given)
            return _Kept(dict(result.data or {}), asked.cost)

        if slot is None or not all(value is None or isinstance(value, bool) for value in given.values()):
            return (await self._answers.alone(made, asker)).data
        key = (slot, orjson.dumps(given, option=orjson.OPT_SORT_KEYS))
        return (await self._answers.make(key, made, asker)).data


def _variables(document: Document, selections: SelectionSetNode) -> frozenset[str]:
    """The names of variables in selections and in the fragments that they spread."""
    found: set[str] = set()
    waiting: list[Node] = [selections]
    met: set[str] = set()
    while waiting:
        visitor = _Mentioned()
        visit(waiting.pop(), visitor)
        found |= visitor.variables
        waiting += [document.fragments[name] for name in visitor.fragments - met]
        met |= visitor.fragments
    return frozenset(found)


class _Mentioned(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables: set[str] = set()
        self.fragments: set[str] = set()

    def enter(self, node: Node, *_: object) -> None:
        if isinstance(node, VariableNode):
            self.variables.add(node.name.value)
        elif isinstance(node, FragmentSpreadNode):
            self.fragments.add(node.name.value)


def _asks(selections: Iterable[SelectionNode], name: str) -> bool:
    """Whether a root field is among selections that have no other fields than of introspection."""
    return any(
        one.name.value == name
        if isinstance(one, FieldNode)
        else isinstance(one, InlineFragmentNode) and _asks(one.selection_set.selections, name)
        for one in selections
    )


def _sizes(schema: GraphQLSchema) -> dict[tuple[str, bool], float]:
    """How many items introspection's lists have: on average over all types (True), and at most (False)."""
    types = list(schema.type_map.values())
    fields = [len(t.fields) for t in types if isinstance(t, GraphQLObjectType | GraphQLInterfaceType)]
    every = [f for t in types if isinstance(t, GraphQLObjectType | GraphQLInterfaceType) for f in t.fields.values()]
    args = [len(f.args) for f in every]
    counted = {
        "fields": (fields, len(types)),
        "args": ([*args, *(len(d.args) for d in schema.directives)], max(len(every), 1)),
        "enumValues": ([len(t.values) for t in types if isinstance(t, GraphQLEnumType)], len(types)),
        "inputFields": ([len(t.fields) for t in types if isinstance(t, GraphQLInputObjectType)], len(types)),
        "possibleTypes": ([len(schema.get_possible_types(t)) for t in types if is_abstract_type(t)], len(types)),
        "interfaces": (
            [len(t.interfaces) for t in types if isinstance(t, GraphQLObjectType | GraphQLInterfaceType)],
            len(types),
        ),
    }
    found: dict[tuple[str, bool], float] = {}
    for name, (each, among) in counted.items():
        found[name, True] = sum(each) / among
        found[name, False] = max(each, default=0)
    for name, many in (("types", len(types)), ("directives", len(schema.directives))):
        found[name, True] = found[name, False] = many
    return found


def _cost(
    document: Document, selections: SelectionSetNode | None, sizes: Mapping[tuple[str, bool], float], *, spread: bool
) -> float:
    """About how many fields the answer has. `spread`: it is over all types, and of no type more than once."""
    total = 0.0
    for node in selections.selections if selections else ():
        if isinstance(node, FieldNode):
            name = node.name.value
            inner = spread and (name in ("__schema", "directives") or (name, True) in sizes)
            total += 1 + sizes.get((name, spread), 1.0) * _cost(document, node.selection_set, sizes, spread=inner)
        else:
            total += _cost(document, _inside(document, node), sizes, spread=spread)
    return total


def _inside(document: Document, node: SelectionNode) -> SelectionSetNode:
    if isinstance(node, FragmentSpreadNode):
        return document.fragments[node.name.value].selection_set
    assert isinstance(node, InlineFragmentNode)
    return node.selection_set


def _keys(document: Document, selections: SelectionSetNode) -> Iterator[str]:
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield (node.alias or node.name).value
        else:
            yield from _keys(document, _inside(document, node))


def _only_introspection(document: Document, selections: SelectionSetNode) -> tuple[SelectionNode, ...]:
    """The root's introspection fields, in their fragments."""
    out: list[SelectionNode] = []
    for node in selections.selections:
        if isinstance(node, FieldNode):
            if node.name.value in _ROOT_FIELDS:
                out.append(node)
            continue
        inner = _only_introspection(document, _inside(document, node))
        if inner:
            out.append(InlineFragmentNode(directives=node.directives, selection_set=SelectionSetNode(selections=inner)))
    return tuple(out)
