"""`@link` and `@composeDirective`: what a subgraph brings, and what goes on into the supergraph."""

from __future__ import annotations

from tests.composition.composed import Rule, exporting, link

RULES = [
    Rule(
        "a link names a specification with its version", "INVALID_LINK_IDENTIFIER",
        ['extend schema »@link(url: "https://specs.apollo.dev/federation") type Query { q: Int }'],
        [link("2.0") + "type Query { q: Int }"],
    ),
    Rule(
        "and a version is two numbers", "INVALID_LINK_IDENTIFIER",
        ['extend schema »@link(url: "https://specs.apollo.dev/federation/two") type Query { q: Int }'],
        [link("2.0") + "type Query { q: Int }"],
    ),
    Rule(
        "a link's name is one of GraphQL", "INVALID_LINK_IDENTIFIER",
        ['extend schema »@link(url: "https://specs.apollo.dev/federation/v2.0", as: "@f") '
         "type Query { q: Int }"],
        ['extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", as: "f") '
         "type Query { q: Int }"],
    ),
    Rule(
        "a version of links is one that is known", "UNKNOWN_LINK_VERSION",
        ['extend schema »@link(url: "https://specs.apollo.dev/link/v2.0") '
         '@link(url: "https://specs.apollo.dev/federation/v2.0") type Query { q: Int }'],
        ['extend schema @link(url: "https://specs.apollo.dev/link/v1.0") '
         '@link(url: "https://specs.apollo.dev/federation/v2.0") type Query { q: Int }'],
    ),
    Rule(
        "a version of Federation is one that is known", "UNKNOWN_FEDERATION_LINK_VERSION",
        ['extend schema »@link(url: "https://specs.apollo.dev/federation/v9.0", import: []) '
         "type Query { q: Int }"],
        [link("2.0") + "type Query { q: Int }"],
    ),
    Rule(
        "a specification is linked once", "INVALID_LINK_DIRECTIVE_USAGE",
        ['extend schema »@link(url: "https://specs.apollo.dev/federation/v2.0") '
         '»@link(url: "https://specs.apollo.dev/federation/v2.1") type Query { q: Int }'],
        [link("2.1") + "type Query { q: Int }"],
    ),
    Rule(
        "what is imported is in that version", "INVALID_LINK_DIRECTIVE_USAGE",
        ["extend schema "
         '»@link(url: "https://specs.apollo.dev/federation/v2.2", import: ["@interfaceObject"]) '
         "type Query { q: Int }"],
        [link("2.3", "@interfaceObject") + "type Query { q: Int }"],
    ),
    Rule(
        "what is imported is somewhere in Federation", "INVALID_LINK_DIRECTIVE_USAGE",
        ['extend schema »@link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@mine"]) '
         "type Query { q: Int }"],
        [link("2.3", "@key") + "type Query { q: Int }"],
    ),
    Rule(
        "what is carried on has one name wherever it is applied", "LINK_IMPORT_NAME_MISMATCH",
        ['extend schema »@link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@policy"]) '
         'type Query { a: Int @policy(policies: [["x"]]) }',
         "extend schema "
         '»@link(url: "https://specs.apollo.dev/federation/v2.6", import: [{name: "@policy", as: "@mine"}]) '
         'type Query { b: Int @mine(policies: [["x"]]) }'],
        [link("2.6", "@policy") + 'type Query { a: Int @policy(policies: [["x"]]) }',
         "extend schema "
         '@link(url: "https://specs.apollo.dev/federation/v2.6", import: [{name: "@policy", as: "@mine"}]) '
         "type Query { b: Int }"],
    ),
    Rule(
        "what is exported is linked", "DIRECTIVE_COMPOSITION_ERROR",
        ['extend schema @composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }'],
        ['extend schema @link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }'],
    ),
    Rule(
        "what is exported is defined", "DIRECTIVE_COMPOSITION_ERROR",
        [link("2.7", "@composeDirective")
         + 'extend schema »@link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") type Query { q: Int }'],
        [link("2.7", "@composeDirective")
         + 'extend schema @link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }'],
    ),
    Rule(
        "what is exported is not Federation's", "DIRECTIVE_COMPOSITION_ERROR",
        ["extend schema "
         '»@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective", "@key"]) '
         'extend schema @composeDirective(name: "@key") type Query { q: Int }'],
        [link("2.7", "@composeDirective", "@key")
         + 'extend schema @link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }'],
    ),
    Rule(
        "an exported name is a directive's", "DIRECTIVE_COMPOSITION_ERROR",
        [link("2.7", "@composeDirective")
         + 'extend schema »@link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "mine") directive @mine on OBJECT type Query { q: Int }'],
        [link("2.7", "@composeDirective")
         + 'extend schema @link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }'],
    ),
    Rule(
        "an exported name means one thing", "DIRECTIVE_COMPOSITION_ERROR",
        ["extend schema "
         '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective"]) '
         '»@link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }',
         "extend schema "
         '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective"]) '
         '»@link(url: "https://example.org/other/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { p: Int }'],
        [exporting("mine/v1.0") + "type Query { q: Int }", exporting("mine/v1.1") + "type Query { p: Int }"],
    ),
    Rule(
        "what is exported is of one major version", "DIRECTIVE_COMPOSITION_ERROR",
        ["extend schema "
         '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective"]) '
         '»@link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }',
         "extend schema "
         '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective"]) '
         '»@link(url: "https://example.org/mine/v2.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { p: Int }'],
        [exporting("mine/v1.0") + "type Query { q: Int }", exporting("mine/v1.1") + "type Query { p: Int }"],
    ),
    Rule(
        "what is exported has one name", "INVALID_LINK_DIRECTIVE_USAGE",
        ["extend schema "
         '@link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@composeDirective"]) '
         '»@link(url: "https://example.org/mine/v1.0", import: ["@mine"]) '
         '@composeDirective(name: "@mine") directive @mine on OBJECT type Query { q: Int }',
         link("2.7", "@composeDirective")
         + "extend schema "
         '»@link(url: "https://example.org/mine/v1.0", import: [{name: "@mine", as: "@its"}]) '
         '@composeDirective(name: "@its") directive @its on OBJECT type Query { p: Int }'],
        [exporting("mine/v1.0") + "type Query { q: Int }", exporting("mine/v1.0") + "type Query { p: Int }"],
    ),
    Rule(
        "an argument of a directive of operations has types that fit", "FIELD_ARGUMENT_TYPE_MISMATCH",
        ["»directive @d(n: Int) on FIELD type Query { q: Int }",
         "»directive @d(n: String) on FIELD type Query { p: Int }"],
        ["directive @d(n: Int) on FIELD type Query { q: Int }", "directive @d(n: Int!) on FIELD type Query { p: Int }"],
    ),
]  # fmt: skip
