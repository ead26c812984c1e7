"""How often things happen. Published figures (England, 2024-25) are named; the others are our own choice."""

from subgraphs.population.model import Category
from subgraphs.population.names import words
from subgraphs.population.streams import Weighted

# Published: what the generator is set to come near to, and what the tests hold it to.
PUBLISHED_RE_REFERRAL = 0.226
PUBLISHED_POLICE_SOURCE = 0.28
PUBLISHED_SCHOOL_SOURCE = 0.21
PUBLISHED_S47_PER_REFERRAL = 230_590 / 633_000
PUBLISHED_ICPC_PER_S47 = 72_100 / 230_590
PUBLISHED_ICPC_IN_TIME = 0.814
PUBLISHED_ICPC_MEDIAN_DAYS = 14

HISTORY_YEARS = 5
# Families that were ever referred. More than in life, so that small populations show every path.
REFERRED_HOUSEHOLDS = 0.36
SIBLING_REFERRED_TOO = 0.6
# Of those families, of the ones that expect a child: that the referral is of now, before the birth.
REFERRED_BEFORE_BIRTH = 0.7
# That a closed case comes back while it would count as a re-referral (within a year of the referral before).
REFERRED_AGAIN = 0.34

SOURCES: Weighted[str] = Weighted(
    ("6", 0.28),
    ("2A", 0.21),
    ("2B", 0.01),
    ("3A", 0.02),
    ("3B", 0.04),
    ("3C", 0.015),
    ("3D", 0.015),
    ("3E", 0.04),
    ("3F", 0.03),
    ("4", 0.02),
    ("5A", 0.06),
    ("5B", 0.05),
    ("5C", 0.02),
    ("5D", 0.02),
    ("7", 0.03),
    ("8", 0.05),
    ("1A", 0.03),
    ("1B", 0.02),
    ("1C", 0.01),
    ("1D", 0.01),
    ("9", 0.02),
    ("10", 0.01),
)
REFERRAL_OUTCOMES: Weighted[str] = Weighted(("NFA", 0.09), ("EH", 0.08), ("ASM", 0.49), ("STR", 0.32), ("EMG", 0.02))
ASSESSMENT_OUTCOMES: Weighted[str] = Weighted(("CLOS", 0.52), ("CIN", 0.36), ("STR", 0.12))
STRATEGY_OUTCOMES: Weighted[str] = Weighted(("S47", 0.92), ("NFA", 0.08))
ENQUIRY_OUTCOMES: Weighted[str] = Weighted(("NSUB", 0.45), ("CIN", 0.237), ("ICPC", PUBLISHED_ICPC_PER_S47))
CONFERENCE_OUTCOMES: Weighted[str] = Weighted(("CPP", 0.85), ("CIN", 0.10), ("NFA", 0.05))
# Working days from the strategy discussion to the conference: 81.4% in 15, median 14.
CONFERENCE_DAYS: Weighted[int] = Weighted(
    (9, 0.04),
    (10, 0.05),
    (11, 0.06),
    (12, 0.08),
    (13, 0.13),
    (14, 0.214),
    (15, 0.24),
    (17, 0.08),
    (20, 0.06),
    (26, 0.046),
)
CATEGORIES: Weighted[Category] = Weighted(("NEG", 0.49), ("EMO", 0.37), ("PHY", 0.07), ("SAB", 0.04), ("MUL", 0.03))
NEEDS: Weighted[str] = Weighted(
    ("N1", 0.57),
    ("N2", 0.08),
    ("N3", 0.03),
    ("N4", 0.09),
    ("N5", 0.14),
    ("N6", 0.02),
    ("N7", 0.01),
    ("N8", 0.04),
    ("N9", 0.01),
    ("N0", 0.01),
)
FACTORS = words("1A 1B 2A 2B 3B 3C 4A 4B 5A 6A 6B 10A 15A 16A 17A 18B 19B 19C 20A")
REVIEW_ENDS_PLAN = (0.30, 0.50, 0.60, 0.75)
LOOKED_AFTER_FROM_PLAN = 0.07

SHIELDED = 0.003
ADOPTED = 0.004
DISABLED = 0.05
TWINS = 0.03
UNBORN_HOUSEHOLDS = 0.02
MOVED_HOUSE = 0.45

KNOWN_TO_GP = 0.95
ON_ROLL = 0.96
CHANGED_SCHOOL = 0.08
BACKGROUND_INCIDENT = 0.05
BACKGROUND_ATTENDANCES: Weighted[int] = Weighted((0, 0.55), (1, 0.25), (2, 0.13), (3, 0.07))
WAS_NOT_BROUGHT = 0.07
WAS_NOT_BROUGHT_IF_REFERRED = 0.18
