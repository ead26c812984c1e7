"""The subgraphs of the small partnership, and what the policies ask for each of their fields."""

from __future__ import annotations

from collections.abc import Mapping

_LINKS = """
extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@policy", "@external", "@requires",
    "@inaccessible", "@authenticated", "@composeDirective", "@shareable"])
"""
_FACTS = (
    "shielded relationships { kind assertedBy agency team practitioner since until } holders { agency recordId }"
    " sensitiveHolders { agency recordId }"
)
INDEX = (
    _LINKS
    + f"""
  @link(url: "https://cps.example/subject/v1.0", import: ["@subject"]) @composeDirective(name: "@subject")
directive @subject(facts: String!) on OBJECT
enum Sector {{ CARE POLICE HEALTH }}
type Query {{
  child(id: ID, nhs: String): Child @policy(policies: [["locator.summary"]])
  findChildren(surname: String!): [Child!] @policy(policies: [["locator.summary"]])
  caseload(surname: String!): [Child!] @policy(policies: [["case.summary"]])
  named(id: ID!): Named @policy(policies: [["locator.summary"]])
  anyone(id: ID!): [Anyone!] @policy(policies: [["locator.summary"]])
}}
interface Named {{ forename: String }}
union Anyone = Child | Agency
type Agency {{ code: String }}
type Child implements Named @key(fields: "id") @key(fields: "ref") @subject(facts: "{_FACTS}") {{
  id: ID!
  ref: ID! @inaccessible
  shielded: Boolean! @inaccessible
  relationships(agency: String): [Relationship!]! @inaccessible
  holders(sector: Sector): [Holder!]! @inaccessible
  sensitiveHolders(sector: Sector): [Holder!]! @inaccessible
  surnames: [String!] @inaccessible
  forename: String @policy(policies: [["identity.detail"]])
  surname: String @policy(policies: [["identity.detail"]])
}}
type Holder @inaccessible {{ agency: String! @shareable recordId: String! @shareable }}
type Relationship @inaccessible {{
  kind: String! assertedBy: String! agency: String! team: String practitioner: String since: String! until: String
}}
"""
)


def _sector(sector: str, field_name: str, record: str, fields: str) -> str:
    return (
        _LINKS
        + f"""
enum Sector {{ CARE POLICE HEALTH }}
type Child @key(fields: "id") @key(fields: "ref", resolvable: false) {{
  id: ID! @external
  ref: ID! @inaccessible
  holders(sector: Sector): [Holder!]! @external
  {field_name}: [{record}!] @policy(policies: [["locator.summary"]])
    @requires(fields: "holders(sector: {sector}) {{ agency recordId }}")
}}
type Holder @inaccessible {{ agency: String! @external recordId: String! @external }}
type {record} @key(fields: "id") {{
  id: ID!
  {fields}
}}
"""
    )


CARE = _sector(
    "CARE",
    "care",
    "CareRecord",
    """
  leadWorker: String @policy(policies: [["locator.summary"]])
  status: String @policy(policies: [["status.detail"]])
  note: String @policy(policies: [["case.detail"]])
  plan: String @policy(policies: [["plan.detail"]])
  advice: String @policy(policies: [["case.owner"]])
  siblings: [Child!] @policy(policies: [["identity.detail"]])
""",
)
POLICE = _sector(
    "POLICE",
    "police",
    "PoliceRecord",
    """
  officer: String @policy(policies: [["police.summary"]])
  narrative: String @policy(policies: [["police.detail"]])
  markers: String @policy(policies: [["police.owner"]])
""",
)
HEALTH = _sector(
    "HEALTH",
    "health",
    "HealthRecord",
    """
  reason: String @policy(policies: [["health.detail"]])
  camhs: String @policy(policies: [["sensitive.detail"]])
""",
)
BOARD = (
    _LINKS
    + """
type Query { meeting(id: ID!): Meeting }
type Meeting @key(fields: "id") {
  id: ID!
  room: String
  children: [Child!]
  minutes: String @policy(policies: [["case.detail"]])
}
type Child @key(fields: "ref", resolvable: false) { ref: ID! @inaccessible }
extend type CareRecord @key(fields: "id") { id: ID! @external review: String @policy(policies: [["case.summary"]]) }
"""
)
ROTA = (
    _LINKS
    + """
  @link(url: "https://cps.example/subject/v1.0", import: ["@routine"]) @composeDirective(name: "@routine")
directive @routine on FIELD_DEFINITION
type Query { visit(id: ID!): Visit }
type Mutation { refer(child: ID!): Child @policy(policies: [["locator.summary"]]) }
type Child @key(fields: "id") @key(fields: "ref", resolvable: false) {
  id: ID! @external
  ref: ID! @inaccessible
  locality: String @routine
  latestPolice: PoliceRecord @policy(policies: [["locator.summary"]])
}
type PoliceRecord @key(fields: "id", resolvable: false) { id: ID! }
type Visit @key(fields: "id") {
  id: ID!
  child: Child @policy(policies: [["locator.summary"]])
  text: String @policy(policies: [["case.detail"]])
}
"""
)
SCHOOLS = (
    _LINKS
    + """
type Child @key(fields: "id") { id: ID! @external school: School @policy(policies: [["locator.summary"]]) }
type School @key(fields: "id") { id: ID! }
"""
)
HEADS = (
    _LINKS
    + """
type School @key(fields: "id") { id: ID! head: Head @policy(policies: [["locator.summary"]]) }
type Head @key(fields: "id") { id: ID! name: String @policy(policies: [["locator.summary"]]) }
"""
)
PHONES = (
    _LINKS
    + """
type Head @key(fields: "id") { id: ID! phone: String @policy(policies: [["plan.detail"]]) }
"""
)
SHARED = (
    _LINKS
    + """
type Child @key(fields: "id") {
  id: ID! @external
  police: [PoliceRecord!] @external
  alert: String @requires(fields: "police { narrative }") @policy(policies: [["locator.summary", "police.detail"]])
  grade: String @policy(policies: [["locator.summary"]])
  latestPolice: PoliceRecord @external
  latest: String @requires(fields: "latestPolice { narrative }")
    @policy(policies: [["locator.summary", "police.detail"]])
}
type PoliceRecord @key(fields: "id") { id: ID! narrative: String @external }
"""
)
FOLLOWING = (
    _LINKS
    + """
type Child @key(fields: "id") {
  id: ID! @external
  alert: String @external
  digest: String @requires(fields: "alert") @policy(policies: [["locator.summary", "police.detail"]])
}
"""
)
REFUGE = (
    _LINKS
    + """
enum Sector { CARE POLICE HEALTH }
type Child @key(fields: "id") {
  id: ID! @external
  sensitiveHolders(sector: Sector): [Holder!]! @external
  refuge: [RefugeRecord!] @policy(policies: [["sensitive.summary"]])
    @requires(fields: "sensitiveHolders(sector: CARE) { agency recordId }")
}
type Holder @inaccessible { agency: String! @external recordId: String! @external }
type RefugeRecord @key(fields: "id") {
  id: ID!
  shelter: String @policy(policies: [["sensitive.summary"]])
}
"""
)
SDLS: Mapping[str, str] = {
    "index": INDEX,
    "care": CARE,
    "police": POLICE,
    "health": HEALTH,
    "board": BOARD,
    "rota": ROTA,
    "schools": SCHOOLS,
    "heads": HEADS,
    "phones": PHONES,
    "shared": SHARED,
    "following": FOLLOWING,
    "refuge": REFUGE,
}
POLICY_OF: Mapping[str, str] = {
    "forename": "identity.detail",
    "surname": "identity.detail",
    "leadWorker": "locator.summary",
    "status": "status.detail",
    "note": "case.detail",
    "plan": "plan.detail",
    "advice": "case.owner",
    "officer": "police.summary",
    "narrative": "police.detail",
    "markers": "police.owner",
    "reason": "health.detail",
    "camhs": "sensitive.detail",
    "shelter": "sensitive.summary",
    "review": "case.summary",
    "name": "locator.summary",
    "phone": "plan.detail",
}
FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    "care": ("leadWorker", "status", "note", "plan", "advice", "review"),
    "police": ("officer", "narrative", "markers"),
    "health": ("reason", "camhs"),
}
