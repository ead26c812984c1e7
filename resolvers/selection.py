"""Look-ahead: which fields an operation asks of a type, through fragments, aliases, `@skip` and `@include`.

GraphQL specification, section 6.3.2 (CollectFields): a fragment is entered once for each selection set, so that the
cost is bounded by the document's length and not by the number of paths through its fragments.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionNode
from strawberry import Info
from strawberry.types.nodes import convert_arguments

ENTITY_UNION = "_Entity"


@dataclass(frozen=True, slots=True)
class Selection:
    """The selection sets under some fields of one type, read as one."""

    info: GraphQLResolveInfo[object]
    nodes: tuple[FieldNode, ...]

    @classmethod
    def under(cls, info: Info) -> "Selection":
        """What is selected under the field that is being resolved."""
        raw = info._raw_info  # noqa: SLF001 - strawberry's own view of it expands every path through fragments
        return cls(raw, tuple(raw.field_nodes))

    def fields(self, type_name: str) -> dict[str, tuple[FieldNode, ...]]:
        """The fields selected where the object is a `type_name`: by name, not by alias, in document order."""
        found: dict[str, list[FieldNode]] = {}
        entered: set[str] = set()
        for node in self.nodes:
            if node.selection_set is not None:
                self._collect(node.selection_set.selections, type_name, found, entered)
        return {name: tuple(nodes) for name, nodes in found.items()}

    def narrowed(self, nodes: Sequence[FieldNode]) -> "Selection":
        """What is selected under these fields."""
        return Selection(self.info, tuple(nodes))

    def arguments(self, node: FieldNode) -> dict[str, object]:
        """The arguments of a field as given, variables replaced; one that is not given is absent or None."""
        return convert_arguments(self.info, node.arguments)

    def _collect(
        self,
        selections: Iterable[SelectionNode],
        type_name: str,
        found: dict[str, list[FieldNode]],
        entered: set[str],
    ) -> None:
        for node in selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or condition.name.value in (type_name, ENTITY_UNION):
                    self._collect(node.selection_set.selections, type_name, found, entered)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in entered:
                entered.add(node.name.value)
                fragment = self.info.fragments[node.name.value]
                if fragment.type_condition.name.value in (type_name, ENTITY_UNION):
                    self._collect(fragment.selection_set.selections, type_name, found, entered)

    def _included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            condition = convert_arguments(self.info, directive.arguments).get("if")
            if directive.name.value == "skip" and condition is True:
                return False
            if directive.name.value == "include" and condition is False:
                return False
        return True
