"""The words that every subgraph of the partnership shares: sectors, and the codes that several agencies hold."""

import enum

import strawberry


@strawberry.enum(description="A kind of agency.")
class Sector(enum.Enum):
    SOCIAL_CARE = "SOCIAL_CARE"
    POLICE = "POLICE"
    ACUTE = "ACUTE"
    COMMUNITY = "COMMUNITY"
    EDUCATION = "EDUCATION"


@strawberry.enum(description="Sex, as the agency has recorded it.")
class Sex(enum.Enum):
    MALE = "MALE"
    FEMALE = "FEMALE"
    NOT_KNOWN = "NOT_KNOWN"
