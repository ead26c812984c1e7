"""NHS numbers and unique pupil numbers, with their check characters.

Own arithmetic, so that nothing under a copyleft licence is needed at run time; the tests check it against `stdnum`.
"""

from random import Random

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SYNTHETIC = 999_000_000


def nhs_check_digit(nine: str) -> str | None:
    """The tenth digit: weights 10 to 2, 11 less the sum modulo 11; None where that is 10, which no number may have."""
    check = -sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), nine, strict=True)) % 11
    return None if check == 10 else str(check)


def upn_check_letter(twelve: str) -> str:
    """The letter that a UPN opens with: weights 2 to 13, the sum modulo 23."""
    total = sum(weight * int(digit) for weight, digit in zip(range(2, 14), twelve, strict=True))
    return _UPN_LETTERS[total % 23]


def nhs_number(serial: int) -> str | None:
    """The synthetic number (it begins with 999) of a serial below a million, or None where the serial gives none."""
    nine = str(_SYNTHETIC + serial)
    check = nhs_check_digit(nine)
    return None if check is None else nine + check


def nhs_numbers(random: Random, count: int, first: int = 1_000) -> list[str]:
    """That many different synthetic numbers, scattered, none with a serial below `first`."""
    drawn = random.sample(range(first, 1_000_000), count + count // 5 + 50)
    return [number for serial in drawn if (number := nhs_number(serial)) is not None][:count]


def upn(authority: int, school: int, year: int, serial: int) -> str:
    """The UPN that a school gave to its `serial`th entrant of a calendar year."""
    twelve = f"{authority:03}{school:04}{year % 100:02}{serial:03}"
    return upn_check_letter(twelve) + twelve
