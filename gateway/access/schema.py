"""The schema of the gateway's own subgraph."""

from __future__ import annotations

from typing import Final

from authz.principal import Purpose
from gateway.access.claims import SHORTEST_REASON
from gateway.access.grants import MAX_LISTED, SHORTEST_NARRATIVE, BreakGlassReason, ReviewFinding
from gateway.access.selection import Selection

REFUSALS: Final = frozenset((
    "BAD_NARRATIVE",
    "BAD_REASON",
    "BREAK_GLASS_NOT_YOURS",
    "CLAIM_INSTEAD",
    "CLAIMS_SUSPENDED",
    "CLAIM_NOT_YOURS",
    "NOT_A_GUARDIAN",
    "NO_SUCH_CHILD",
    "NO_SUCH_CLAIM",
    "NO_SUCH_GRANT",
    "OWN_CLAIM",
    "OWN_GRANT",
    "PURPOSE_MISSING",
    "PURPOSE_NOT_YOURS",
    "REVIEWED_ALREADY",
    "TOO_MANY_CLAIMS",
    "TOO_MANY_GRANTS",
))  # fmt: skip
"""Codes by which this subgraph says no."""

NAME: Final = "access"
URL: Final = "internal:access"

TYPES: Final = f"""
type Query {{
  \"\"\"What you would see of a child for a purpose, and why; null where you may not know of one.\"\"\"
  access(child: ID!, purpose: AccessPurpose!): ChildAccess @authenticated
  \"\"\"Grants of break-glass, the newest first, or the longest overdue; {MAX_LISTED} at most; for guardians their
  agency's.\"\"\"
  breakGlassGrants(overdue: Boolean! = false, first: Int! = 50): [BreakGlassGrant!]
    @authenticated @policy(policies: [["oversight.detail"]])
  \"\"\"Claimed relationships: with `reviewed: false` those that are to be reviewed, the oldest first; else the newest
  first. {MAX_LISTED} at most; for guardians those of their agency's people.\"\"\"
  claimedRelationships(reviewed: Boolean, first: Int! = 50): [ClaimedRelationship!]
    @authenticated @policy(policies: [["oversight.detail"]])
}}

type Mutation {{
  \"\"\"Open a child's record for an hour. `narrative`, {SHORTEST_NARRATIVE} characters or more, says why it can't wait.
  The guardians of your agency and of those that hold a record can read it at once, narrative and all.\"\"\"
  breakGlass(child: ID!, reason: BreakGlassReason!, narrative: String!): BreakGlassGrant @authenticated
  \"\"\"By a guardian of the agency whose practitioner broke the glass.\"\"\"
  reviewBreakGlass(grant: ID!, finding: BreakGlassFinding!, comment: String! = ""): BreakGlassGrant
    @authenticated @policy(policies: [["oversight.detail"]])
  \"\"\"Say that you work with a child, and in {SHORTEST_REASON} characters or more how, where no agency has recorded
  it. For 24 hours it counts as your relationship with this child, for the purpose that you state. Your agency's
  guardian may review it.\"\"\"
  claimRelationship(child: ID!, reason: String!): ClaimedRelationship @authenticated
  \"\"\"By a guardian of the agency whose practitioner made the claim.\"\"\"
  reviewClaimedRelationship(claim: ID!, finding: BreakGlassFinding!, comment: String! = ""): ClaimedRelationship
    @authenticated @policy(policies: [["oversight.detail"]])
  \"\"\"Suspend the right to claim of whoever made a claim; what they have claimed counts for nothing meanwhile.\"\"\"
  suspendClaims(claim: ID!, comment: String!): ClaimedRelationship
    @authenticated @policy(policies: [["oversight.detail"]])
  \"\"\"Give the right to claim back.\"\"\"
  restoreClaims(claim: ID!): ClaimedRelationship @authenticated @policy(policies: [["oversight.detail"]])
}}

enum AccessPurpose {{ {" ".join(purpose.value for purpose in Purpose)} }}
enum BreakGlassReason {{
  {" ".join(reason.value for reason in BreakGlassReason if reason is not BreakGlassReason.RELATIONSHIP_NOT_RECORDED)}
  RELATIONSHIP_NOT_RECORDED @deprecated(reason: "Refused: use claimRelationship.")
}}
enum BreakGlassFinding {{ {" ".join(finding.value for finding in ReviewFinding)} }}

\"\"\"Why a claim is to be reviewed. NO_FURTHER_ACT: by its end no relationship with the child was recorded.\"\"\"
enum ClaimSelection {{ {" ".join(Selection)} }}

enum AccessOutcome {{
  READ
  \"\"\"Of what your own agency holds, and no other.\"\"\"
  OWN_AGENCY_ONLY
  WITHHELD
}}

type ChildAccess {{
  child: ID!
  purpose: AccessPurpose!
  \"\"\"How you know the child: what counts in the decisions below.\"\"\"
  relationships: [String!]!
  breakGlass: Boolean!
  claimed: Boolean!
  fields: [FieldAccess!]!
}}

type FieldAccess {{
  field: String!
  policy: String!
  outcome: AccessOutcome!
  reason: String
  explanation: String
  remedies: [String!]!
}}

type BreakGlassGrant {{
  id: ID!
  \"\"\"By regional id; for an auditor its pseudonym.\"\"\"
  child: ID!
  purpose: AccessPurpose!
  reason: BreakGlassReason!
  \"\"\"For guardians whom it concerns: it may name people. Empty for others.\"\"\"
  narrative: String!
  practitioner: String!
  agency: String!
  auditId: String!
  \"\"\"The agencies whose guardians can read the grant with its narrative: the practitioner's own, and those that hold
  a record of the child. So can those of sensitive services, which are not named. Auditors read it without.\"\"\"
  readBy: [String!]!
  \"\"\"The agencies to which a notice of it has been sent: none is sent yet, so that guardians have to look.\"\"\"
  told: [String!]!
  grantedAt: String!
  expiresAt: String!
  reviewDue: String!
  review: BreakGlassReview
}}

type ClaimedRelationship {{
  id: ID!
  \"\"\"By regional id; for an auditor its pseudonym.\"\"\"
  child: ID!
  purpose: AccessPurpose!
  \"\"\"For who made the claim and for guardians whom it concerns: it may name people. Empty for others.\"\"\"
  reason: String!
  practitioner: String!
  agency: String!
  auditId: String!
  claimedAt: String!
  expiresAt: String!
  \"\"\"Empty for who made the claim, who does not learn whether it is reviewed.\"\"\"
  selected: [ClaimSelection!]!
  \"\"\"Whether the practitioner's right to claim is suspended.\"\"\"
  suspended: Boolean!
  review: BreakGlassReview
}}

type BreakGlassReview {{
  by: String!
  at: String!
  finding: BreakGlassFinding!
  comment: String!
}}
"""
SDL: Final = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@authenticated", "@policy"])\n'
    + TYPES
)
