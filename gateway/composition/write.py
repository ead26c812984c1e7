"""`MergedSchema` -> supergraph SDL (link v1.0, join v0.5), the same bytes for the same schema."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from graphql import StringValueNode, print_ast, specified_scalar_types

from gateway.composition.specification import DIRECTIVES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.composition.merge import MergedField, MergedInput, MergedSchema, MergedType
    from gateway.composition.subgraph import Subgraph

_JOIN: Final = """\
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__field(
  graph: join__Graph
  requires: join__FieldSet
  provides: join__FieldSet
  type: String
  external: Boolean
  override: String
  overrideLabel: String
  usedOverridden: Boolean
  contextArguments: [join__ContextArgument!]
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(
  graph: join__Graph!
  key: join__FieldSet
  extension: Boolean! = false
  resolvable: Boolean! = true
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

scalar join__FieldSet

scalar join__FieldValue

input join__ContextArgument {
  name: String!
  type: String!
  context: String!
  selection: join__FieldValue!
}

scalar link__Import

enum link__Purpose {
  SECURITY
  EXECUTION
}
"""


class _Feature(NamedTuple):
    """A directive that is carried: the specification that it is from, as its URL ends, and its definition."""

    specification: str
    purpose: str | None
    definition: str


_FEATURES: Final = {
    "inaccessible": _Feature(
        "inaccessible/v0.2",
        "SECURITY",
        "directive @inaccessible on FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR"
        " | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION",
    ),
    "tag": _Feature(
        "tag/v0.3",
        None,
        "directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE | UNION"
        " | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA",
    ),
    "authenticated": _Feature(
        "authenticated/v0.1",
        "SECURITY",
        "directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM",
    ),
    "requiresScopes": _Feature(
        "requiresScopes/v0.1",
        "SECURITY",
        "directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE"
        " | SCALAR | ENUM\n\nscalar requiresScopes__Scope",
    ),
    "policy": _Feature(
        "policy/v0.1",
        "SECURITY",
        "directive @policy(policies: [[policy__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM"
        "\n\nscalar policy__Policy",
    ),
    "cost": _Feature("cost/v0.1", None, f"directive @cost{DIRECTIVES['cost'].text}"),
    "listSize": _Feature("cost/v0.1", None, f"directive @listSize{DIRECTIVES['listSize'].text}"),
    "context": _Feature(
        "context/v0.1", "SECURITY", "directive @context(name: String!) repeatable on INTERFACE | OBJECT | UNION"
    ),
}


def write_supergraph(merged: MergedSchema, subgraphs: Sequence[Subgraph]) -> str:
    """The supergraph SDL."""
    parts = [_schema(merged), _JOIN.rstrip()]
    parts += [_FEATURES[feature].definition for feature in merged.features]
    parts += merged.composed + merged.executable
    graphs = "\n".join(
        f"  {s.id} @join__graph(name: {json.dumps(s.name)}, url: {json.dumps(s.url)})" for s in subgraphs
    )
    parts.append(f"enum join__Graph {{\n{graphs}\n}}")
    parts += [_type(type_) for type_ in merged.types.values() if type_.name not in specified_scalar_types]
    return "\n\n".join(parts) + "\n"


def _schema(merged: MergedSchema) -> str:
    lines = [
        '  @link(url: "https://specs.apollo.dev/link/v1.0")',
        '  @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)',
    ]
    for specification, features in groupby(merged.features, key=lambda feature: _FEATURES[feature].specification):
        lines.append(_link(specification, list(features)))
    for link in merged.composed_links:
        version = f"/v{link.version[0]}.{link.version[1]}" if any(link.version) else ""
        imports = [
            json.dumps(name) if name == local else f"{{name: {json.dumps(name)}, as: {json.dumps(local)}}}"
            for name, local in link.imports.items()
        ]
        lines.append(f"  @link(url: {json.dumps(link.identity + version)}, import: [{', '.join(imports)}])")
    roots = "\n".join(f"  {kind}: {name}" for kind, name in merged.roots.items())
    return "schema\n" + "\n".join(lines) + f"\n{{\n{roots}\n}}"


def _link(specification: str, features: list[str]) -> str:
    """The link to a specification; of one that has other directives than that of its name, all used are imported."""
    purpose = _FEATURES[features[0]].purpose
    more = f", for: {purpose}" if purpose else ""
    if any(not specification.startswith(f"{feature}/") for feature in features):
        more += f", import: [{', '.join(json.dumps(f'@{feature}') for feature in features)}]"
    return f'  @link(url: "https://specs.apollo.dev/{specification}"{more})'


def _described(description: str | None, indent: str = "") -> str:
    if not description:
        return ""
    text = print_ast(StringValueNode(value=description, block=True))
    return "".join(f"{indent}{line}\n" if line else "\n" for line in text.split("\n"))


def _lines(directives: Iterable[str], indent: str) -> str:
    return "".join(f"\n{indent}{directive}" for directive in directives)


def _input(item: MergedInput) -> str:
    default = f" = {item.default}" if item.default is not None else ""
    directives = "".join(f" {directive}" for directive in item.directives)
    return f"{item.name}: {item.type}{default}{directives}"


def _arguments(field: MergedField) -> str:
    if not field.arguments:
        return ""
    if not any(argument.description for argument in field.arguments.values()):
        return f"({', '.join(map(_input, field.arguments.values()))})"
    lines = (f"{_described(a.description, '    ')}    {_input(a)}" for a in field.arguments.values())
    return "(\n" + "\n".join(lines) + "\n  )"


def _type(type_: MergedType) -> str:
    head = f"{_described(type_.description)}{type_.kind} {type_.name}"
    if type_.interfaces:
        head += f" implements {' & '.join(type_.interfaces)}"
    head += _lines(type_.directives, "  ")
    if type_.kind == "union":
        return f"{head}\n = {' | '.join(type_.members)}" if type_.members else head
    body: list[str] = []
    for field in type_.fields.values():
        arguments = _arguments(field)
        body.append(
            f"{_described(field.description, '  ')}  {field.name}{arguments}: {field.type}"
            + _lines(field.directives, "    ")
        )
    body += [f"{_described(item.description, '  ')}  {_input(item)}" for item in type_.inputs.values()]
    body += [
        f"{_described(value.description, '  ')}  {value.name}{_lines(value.directives, '    ')}"
        for value in type_.values.values()
    ]
    return f"{head}\n{{\n" + "\n".join(body) + "\n}" if body else head
