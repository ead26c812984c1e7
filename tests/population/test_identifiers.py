"""Check characters, against stdnum."""

from hypothesis import given
from hypothesis import strategies as st
from stdnum.gb import nhs as stdnum_nhs
from stdnum.gb import upn as stdnum_upn

from subgraphs.population.identifiers import nhs_check_digit, nhs_number, nhs_numbers, upn, upn_check_letter
from subgraphs.population.streams import stream


def test_fixed_numbers() -> None:
    assert nhs_number(1) == "9990000018"
    assert nhs_number(2) == "9990000026"
    assert upn(380, 2001, 2025, 1) == "Q380200125001"


@given(st.integers(0, 999_999_999))
def test_nhs_check_digit_agrees_with_stdnum(serial: int) -> None:
    nine = f"{serial:09}"
    digit = nhs_check_digit(nine)
    if digit is None:
        assert not any(stdnum_nhs.is_valid(f"{nine}{last}") for last in range(10))
    else:
        assert stdnum_nhs.is_valid(nine + digit)


@given(st.integers(0, 999_999_999))
def test_upn_check_letter_agrees_with_stdnum(tail: int) -> None:
    twelve = f"380{tail:09}"
    assert upn_check_letter(twelve) == stdnum_upn.calc_check_digit(" " + twelve)


def test_numbers_are_different_synthetic_and_leave_the_fixed_ones_alone() -> None:
    numbers = nhs_numbers(stream(1, "test"), 5_000)
    assert len(numbers) == len(dict.fromkeys(numbers)) == 5_000
    assert all(number.startswith("999") and stdnum_nhs.is_valid(number) for number in numbers)
    assert min(numbers) > "9990010000"
