"""The schema of the auditors' subgraph."""

from __future__ import annotations

from typing import Final

REFUSALS: Final = frozenset((
    "BAD_HEAD",
    "BAD_PAGE",
    "BAD_REASON",
    "BAD_TIME",
    "CASE_EXHAUSTED",
    "NOT_AN_AUDITOR",
    "NO_SUCH_CASE",
    "QUESTION_TOO_WIDE",
    "TOO_MANY_CASES",
    "TOO_MANY_LINKED",
    "UNKNOWN_IDENTIFIER",
))  # fmt: skip
"""Codes by which this subgraph says no."""

NAME: Final = "audit"
URL: Final = "internal:audit"

MAX_FIRST: Final = 200
"""Entries of one page: putting them in the answer's form is not to hold up other requests."""

_OVERSIGHT: Final = '@authenticated @policy(policies: [["oversight.detail"]])'
_NARROWING: Final = """
    "Any identifier by which a child was asked for, the regional id, or a pseudonym."
    child: ID
    "The subject of the practitioner's token."
    practitioner: String
    "The practitioner's agency; a guardian's own whatever is given."
    agency: String
    purpose: String
    "ANSWERED, PARTIAL, REFUSED, FAILED, INTENT, or an event such as BREAK_GLASS."
    outcome: String
    "A field that was disclosed, as `Child.surname`."
    field: String
    "Only where something, or all, was refused."
    refused: Boolean! = false
    "Only where it disclosed a child with whom the practitioner had no relationship then."
    withoutRelationship: Boolean! = false
    "Only where it disclosed a child with whom the practitioner had no relationship but a claimed one."
    claimed: Boolean! = false
    "From this time on (ISO 8601)."
    since: String
    until: String"""

TYPES: Final = f"""
type Query {{
  \"\"\"Entries of the audit log, the newest first, {MAX_FIRST} at most; children are pseudonyms.\"\"\"
  accesses({_NARROWING}
    first: Int! = 50
    \"\"\"The `cursor` of an earlier page: what is older.\"\"\"
    after: String
  ): AccessPage {_OVERSIGHT}
    @listSize(slicingArguments: ["first"], sizedFields: ["entries"], requireOneSlicingArgument: false)
  \"\"\"How many entries there are of each kind, the most first.\"\"\"
  accessCounts(by: AccessCountBy!{_NARROWING}): AccessCounts {_OVERSIGHT}
  \"\"\"Who was given what about one child, for the person whom it is about: without the names of others. For auditors.
  \"\"\"
  subjectAccessReport(child: ID!, since: String, until: String): SubjectAccessReport {_OVERSIGHT}
  \"\"\"Whether the log is what was written and signed, and where not; against an older signed head where one is given.
  \"\"\"
  auditLog(olderHead: String): AuditLog {_OVERSIGHT}
  caseFiles(first: Int! = 50): [CaseFile!] {_OVERSIGHT}
}}

type Mutation {{
  \"\"\"Open a case file, for auditors: its reason and its reference are written down.\"\"\"
  openCaseFile(reason: String!, reference: String! = ""): CaseFile {_OVERSIGHT}
  \"\"\"Whom a pseudonym stands for, in an open case file of one's own; each is written down.\"\"\"
  revealIdentity(caseFile: ID!, pseudonym: ID!): RevealedIdentity {_OVERSIGHT}
}}

enum AccessCountBy {{ PRACTITIONER AGENCY PURPOSE OUTCOME DAY FIELD }}

type AccessPage {{
  entries: [Access!]!
  \"\"\"There are older ones: ask again with `after: cursor`.\"\"\"
  more: Boolean!
  cursor: String
  \"\"\"False: the log does not know whose this identifier is, so that accesses to the child may be missing here. Ask by
  the regional id. Null where no child was asked for, and for guardians.\"\"\"
  childKnown: Boolean
}}

type Access {{
  auditId: ID!
  at: String!
  practitioner: String!
  issuer: String!
  client: String!
  agency: String!
  roles: [String!]!
  purpose: String
  \"\"\"Those that the practitioner had with the children; `none` where with one there was none.\"\"\"
  relationships: [String!]!
  outcome: String!
  operation: String!
  \"\"\"Pseudonyms of the children disclosed.\"\"\"
  children: [ID!]!
  \"\"\"Pseudonyms of what was asked by.\"\"\"
  identifiers: [ID!]!
  \"\"\"Fields of which a value was returned, of all children together.\"\"\"
  disclosed: [DisclosedFields!]!
  withheld: [WithheldField!]!
  \"\"\"What is true for each child: those of whom an agency gave the same, for the same reason, together; and what was
  withheld of which. Null for entries of before that was written down, of which it can't be told.\"\"\"
  given: [GivenOfChildren!]
  notGiven: [NotGivenOfChildren!]
  \"\"\"The agencies asked, and those of which a value was returned: codes, or the name of a service of several.\"\"\"
  asked: [String!]!
  answered: [String!]!
  unavailable: [UnavailablePart!]!
  errors: [String!]!
  policyVersion: String!
  schemaVersion: String!
  responseDigest: String!
  durationMs: Float!
}}

type GivenOfChildren {{
  \"\"\"The code of the agency that gave it; empty where nothing was given of these children.\"\"\"
  agency: String!
  \"\"\"Pseudonyms; none where it is about nobody.\"\"\"
  children: [ID!]!
  \"\"\"The practitioner's with each of them, else `none` or `claimed`; `break_glass` where the glass was broken.\"\"\"
  relationships: [String!]!
  \"\"\"Those of which a value was returned.\"\"\"
  fields: [String!]!
}}
type NotGivenOfChildren {{ children: [ID!]! withheld: [WithheldField!]! }}
type DisclosedFields {{ agency: String! fields: [String!]! }}
type WithheldField {{ path: String! agency: String! policy: String! reason: String! }}
type UnavailablePart {{ path: String! agency: String! reason: String! }}
type AccessCounts {{
  counts: [AccessCount!]!
  \"\"\"There are kinds of fewer entries that are not listed.\"\"\"
  more: Boolean!
}}
type AccessCount {{ key: String! entries: Int! }}

type SubjectAccessReport {{
  \"\"\"The child's pseudonym.\"\"\"
  child: ID!
  made: String!
  \"\"\"False where there is more than one report holds: narrow it by time.\"\"\"
  whole: Boolean!
  accesses: [ReportedAccess!]!
  html: String!
  csv: String!
}}

type ReportedAccess {{
  at: String!
  \"\"\"All in words: the practitioner's agency and roles, what they stated to ask for, and on what ground it was given.
  \"\"\"
  agency: String!
  roles: [String!]!
  purpose: String
  grounds: [String!]!
  isBreakGlass: Boolean!
  \"\"\"What kinds of information were given; what is about other people is only said to be.\"\"\"
  information: [String!]!
  heldBy: [String!]!
}}

type AuditLog {{
  unaltered: Boolean!
  entries: Int!
  \"\"\"Entries that wait for their place in the tree.\"\"\"
  pending: Int!
  signedHeads: Int!
  \"\"\"Entries that say to be of before what was signed before them: a clock was set back, or they were back-dated.
  \"\"\"
  olderThanSigned: Int!
  root: String
  \"\"\"The first leaf that is wrong.\"\"\"
  firstWrong: Int
  why: String
  \"\"\"The newest signed head (C2SP checkpoint): kept elsewhere, it shows later that nothing before it was altered.
  \"\"\"
  head: String
  verifierKey: String
}}

type CaseFile {{
  id: ID!
  openedBy: String!
  reason: String!
  reference: String!
  openedAt: String!
  expiresAt: String!
  revealed: [ID!]!
}}

type RevealedIdentity {{
  pseudonym: ID!
  \"\"\"The child's regional id, or the identifier that was asked by; null where it was never written down.\"\"\"
  identifier: ID
  \"\"\"Other identifiers by which this child was found.\"\"\"
  alsoAskedBy: [ID!]!
}}
"""

SDL: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",'
    ' import: ["@authenticated", "@policy", "@listSize"])\n' + TYPES
)
