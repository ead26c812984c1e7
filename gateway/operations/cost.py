"""What an operation is estimated to cost, before it is planned (IBM's GraphQL cost specification; Federation,
"Demand control").

A field costs what its value does, for each item of a list, and what its arguments do. An object costs 1 and a leaf 0,
unless `@cost` says otherwise for the field or, failing that, for the type; a field of a mutation costs 10 more. An
argument costs what `@cost` says, else 1 for each input object in it, and in both cases what the input fields in it do.
A list has as many items as its largest slicing argument says (`@listSize`), else its assumed size, else `list_size`;
with `sizedFields` that is the size of those lists below it. Of an abstract type's object types the dearest counts.

An operation is priced once, in time linear in its size; a request then only fills in its variables, and each value of
those is gone through once. It is the operation as asked: what access takes out counts, what `@requires` adds does not,
and a field that stands under several conditions counts under each that holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from graphql import (
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse_value,
)

from gateway.errors import RequestError
from gateway.operations.price import MOST, Given, Price, bounded, dearest, once, reckon, times, total, where
from gateway.supergraph.selections import TYPENAME, Field, SelectionSet
from gateway.supergraph.typeref import ListOf, Named, named_type

if TYPE_CHECKING:
    from gateway.operations.operation import Operation
    from gateway.supergraph import ListSize, Supergraph
    from gateway.supergraph.selections import Argument
    from gateway.supergraph.typeref import TypeRef

MUTATION: Final = 10
_OBJECT: Final = 1
_UNSIZED: Final[Mapping[str, Price]] = {}


class _Definition(NamedTuple):
    """What is stated of a field: of an interface's, the dearest of what its object types say.

    `weight` is None where the value's type says what it costs, `depth` how many lists stand around each other.
    """

    weight: int | None
    arguments: Mapping[str, int]
    sizes: tuple[ListSize | None, ...]
    value: str
    depth: int


class CostEstimator:
    """Prices operations over one supergraph."""

    def __init__(self, supergraph: Supergraph, list_size: int) -> None:
        self.supergraph = supergraph
        self.list_size = list_size
        self._definitions: dict[tuple[str, str], _Definition] = {}

    def price(self, operation: Operation) -> Price:
        """The price of an operation.

        To reckon it raises `RequestError` (ONE_SLICING_ARGUMENT_REQUIRED) where a list is asked for in a size unsaid.
        """
        extra = MUTATION if operation.kind == "mutation" else 0
        fields = [s for s in operation.selections if isinstance(s, Field) and s.name != TYPENAME]
        return total(
            [where(f.conditions, total([extra, self._field(f, operation.root_type, _UNSIZED)])) for f in fields]
        )

    def _field(self, field: Field, type_name: str, sized: Mapping[str, Price]) -> Price:
        """One field; `sized` are the sizes that the field above gives to lists below it."""
        stated = self._definition(type_name, field.name)
        coordinate = f"{type_name}.{field.name}"
        given = [(size, self._size(coordinate, size, field)) for size in stated.sizes]
        below: dict[str, Price] = {}
        for size, price in given:
            for name in size.sized if size is not None else ():
                below[name] = dearest([below.get(name, 0), price])
        each = self._value(field.selections, stated, below)
        if stated.depth:
            own = [self.list_size if size is not None and size.sized else price for size, price in given]
            each = times(sized[field.name] if field.name in sized else dearest(own), each)
            each = times(min(self.list_size ** (stated.depth - 1), MOST), each)
        arguments = [self._argument(argument, stated, type_name, field.name) for argument in field.arguments]
        unused = [times(price, 0) for size, price in given if size is not None and size.sized]
        return total([each, *arguments, *unused])

    def _value(self, selections: SelectionSet, stated: _Definition, sized: Mapping[str, Price]) -> Price:
        """What one value of a field costs with all that is selected of it."""
        costs = self.supergraph.costs.types
        if stated.value not in self.supergraph.types:
            return bounded(costs.get(stated.value, 0) if stated.weight is None else stated.weight)
        fields, cases = self._selected(selections, stated.value, sized)
        alternatives: dict[tuple[int, tuple[str, ...]], None] = {}
        for object_type in sorted(self.supergraph.object_types(stated.value)):
            weight = costs.get(object_type, _OBJECT) if stated.weight is None else stated.weight
            found = tuple(name for name in cases if object_type in self.supergraph.object_types(name))
            alternatives[weight, found] = None
        values = [total([weight, *(cases[name] for name in found)]) for weight, found in alternatives]
        return total([*fields, dearest(values)])

    def _selected(
        self, selections: SelectionSet, type_name: str, sized: Mapping[str, Price]
    ) -> tuple[list[Price], dict[str, Price]]:
        """What is selected of a value: fields, and by type what is selected of a value of that type only."""
        fields: list[Price] = []
        cases: dict[str, list[Price]] = {}
        for selection in selections:
            if not isinstance(selection, Field):
                inner, further = self._selected(selection.selections, selection.type_name, sized)
                cases.setdefault(selection.type_name, []).extend(inner)
                for name, price in further.items():
                    cases.setdefault(name, []).append(price)
            elif selection.name != TYPENAME:
                fields.append(where(selection.conditions, self._field(selection, type_name, sized)))
        return fields, {name: once(total(prices)) for name, prices in cases.items()}

    def _definition(self, type_name: str, name: str) -> _Definition:
        slot = (type_name, name)
        if slot not in self._definitions:
            self._definitions[slot] = self._find(type_name, name)
        return self._definitions[slot]

    def _find(self, type_name: str, name: str) -> _Definition:
        costs = self.supergraph.costs
        field = self.supergraph.types[type_name].fields[name]
        value = named_type(field.type)
        objects = sorted(self.supergraph.object_types(type_name)) or [type_name]
        weights = [costs.fields.get((each, name)) for each in objects]
        weight: int | None = None
        if any(found is not None for found in weights):
            usual = self._dearest_type(value)
            weight = max(usual if found is None else found for found in weights)
        arguments = {
            argument: max(found)
            for argument in field.arguments
            if (found := [w for each in objects if (w := costs.arguments.get((each, name, argument))) is not None])
        }
        own = costs.sizes.get((type_name, name))
        sizes: list[ListSize | None] = []
        for each in objects:
            size = costs.sizes.get((each, name), own)
            if size not in sizes:
                sizes.append(size)
        return _Definition(weight, arguments, tuple(sizes), value, _depth(field.type))

    def _dearest_type(self, name: str) -> int:
        weights = self.supergraph.costs.types
        if name not in self.supergraph.types:
            return weights.get(name, 0)
        return max((weights.get(each, _OBJECT) for each in self.supergraph.object_types(name)), default=_OBJECT)

    # sizes

    def _size(self, coordinate: str, size: ListSize | None, field: Field) -> Price:
        """How many items a field's `@listSize` lets a list have."""
        if size is None:
            return self.list_size
        assumed = bounded(self.list_size if size.assumed is None else size.assumed)
        if not size.slicing:
            return assumed
        variables = {a.name: a.value.removeprefix("$") for a in field.arguments if a.name in size.slicing}
        defaults = size.slicing

        def sliced(given: Given) -> int:
            asked = {
                name: given.variables[variable] for name, variable in variables.items() if variable in given.variables
            }
            found = [int(min(value, MOST)) for value in asked.values() if isinstance(value, int | float)]
            several = len(found) > 1
            if not found:
                found = [default for name, default in defaults.items() if default is not None and name not in asked]
            if size.require_one and (several or not found):
                raise _unsliced(coordinate, list(defaults), several)
            return bounded(max(found)) if found else assumed

        return sliced

    # arguments

    def _argument(self, argument: Argument, stated: _Definition, type_name: str, name: str) -> Price:
        type_ = self.supergraph.api_schema.get_type(type_name)
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        wanted = type_.fields[name].args[argument.name].type
        weight = stated.arguments.get(argument.name)
        if weight is None and self._is_free(wanted):
            return 0
        return self._input(parse_value(argument.value, no_location=True), wanted, weight)

    def _is_free(self, type_: GraphQLInputType) -> bool:
        named = get_named_type(type_)
        return not isinstance(named, GraphQLInputObjectType) and named.name not in self.supergraph.costs.types

    def _input(self, node: ValueNode, type_: GraphQLInputType, weight: int | None) -> Price:
        """What a value costs that is written in the operation: by now variables, and objects and lists of them."""
        if isinstance(node, VariableNode):
            return self._variable(node.name.value, type_, weight)
        item = _item(type_)
        if isinstance(node, ListValueNode):
            return total([self._input(each, item, weight) for each in node.values])
        assert isinstance(node, ObjectValueNode)
        named = cast("GraphQLInputObjectType", get_named_type(type_))
        parts: list[Price] = [_OBJECT if weight is None else weight]
        for part in node.fields:
            name = part.name.value
            stated = self.supergraph.costs.inputs.get((named.name, name))
            parts.append(self._input(part.value, named.fields[name].type, stated))
        return total(parts)

    def _variable(self, variable: str, type_: GraphQLInputType, weight: int | None) -> Price:
        """The same of a variable's value, which is gone through once wherever it is used in the same way."""
        slot = (variable, str(type_), weight)

        def weighed(given: Given) -> int:
            if slot not in given.known:
                given.known[slot] = bounded(self._weigh(given.variables.get(variable), type_, weight))
            return given.known[slot]

        return weighed

    def _weigh(self, value: object, type_: GraphQLInputType, weight: int | None) -> int:
        """What a variable's value costs."""
        if value is None:
            return 0
        item = _item(type_)
        if isinstance(value, list):
            return sum([self._weigh(each, item, weight) for each in value])
        named = get_named_type(type_)
        if not isinstance(named, GraphQLInputObjectType):
            return self.supergraph.costs.types.get(named.name, 0) if weight is None else weight
        found = _OBJECT if weight is None else weight
        for name, part in value.items() if isinstance(value, dict) else ():
            stated = self.supergraph.costs.inputs.get((named.name, name))
            found += self._weigh(part, named.fields[name].type, stated)
        return found


def check_cost(price: Price, variables: Mapping[str, object], bound: int | None) -> int:
    """The estimate of a request's cost.

    Raises `RequestError` with code OPERATION_TOO_EXPENSIVE, which names the bound and the estimate, or
    ONE_SLICING_ARGUMENT_REQUIRED.
    """
    found = reckon(price, Given(variables))
    if bound is not None and found > bound:
        estimate = f"{MOST} or more" if found >= MOST else str(found)
        message = f"the operation is estimated to cost {estimate}; at most {bound} is taken: ask for shorter lists"
        raise RequestError.of("OPERATION_TOO_EXPENSIVE", message)
    return found


def _unsliced(coordinate: str, names: Sequence[str], several: bool) -> RequestError:
    listed = ", ".join(f"`{name}`" for name in names)
    found = "several are" if several else "none is"
    message = f"`{coordinate}` takes exactly one of {listed}, to say how much is asked for; {found} given"
    return RequestError.of("ONE_SLICING_ARGUMENT_REQUIRED", message)


def _depth(ref: TypeRef) -> int:
    depth = 0
    while not isinstance(ref, Named):
        depth += isinstance(ref, ListOf)
        ref = ref.of
    return depth


def _item(type_: GraphQLInputType) -> GraphQLInputType:
    """The type of a list's items; of what is no list, itself."""
    nullable = get_nullable_type(type_)
    return cast("GraphQLInputType", nullable.of_type) if is_list_type(nullable) else type_
