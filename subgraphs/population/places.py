"""Addresses of West Yorkshire in form only: the streets are invented, and no postcode is a real one.

Inward codes end with letters that the Post Office doesn't use (C, I, K, M, O, V).
"""

from random import Random

from subgraphs.population.model import Address
from subgraphs.population.names import words
from subgraphs.population.streams import Weighted, between, pick

_UNUSED_LETTERS = "CIKMOV"

# Towns with the districts of their postcodes. Most families live in the council's own area.
_TOWNS: Weighted[tuple[str, tuple[str, ...]]] = Weighted(
    (("Bradford", ("BD2", "BD3", "BD5", "BD7", "BD8", "BD9")), 0.56),
    (("Keighley", ("BD20", "BD21", "BD22")), 0.16),
    (("Shipley", ("BD17", "BD18")), 0.10),
    (("Leeds", ("LS8", "LS9", "LS11", "LS28")), 0.07),
    (("Halifax", ("HX1", "HX2", "HX3")), 0.04),
    (("Huddersfield", ("HD1", "HD3", "HD5")), 0.04),
    (("Wakefield", ("WF1", "WF2", "WF10")), 0.03),
)

_FIRST = words(
    "Alder Beckfoot Birchcliffe Canalside Chantry Cinderhill Coldedge Delph Fellview Fernside Gorsey Harebell "
    "Heather Highfold Ingleborough Kestrel Larkfield Lowertop Maltkiln Millrace Moorcroft Northgate Oakbeck "
    "Pennine Quarryfield Ravensthorpe Rowan Sandbeds Shibden Slaters Spinners Stonebridge Tannery Tentercroft "
    "Thistle Underbank Weavers Whinfield Windybank Wooler Woolcombers Yewtree"
)
_LAST = words("Avenue Close Court Crescent Drive Fold Gardens Grove Lane Mount Place Road Row Street Terrace View")


def address(random: Random) -> Address:
    town, districts = _TOWNS.draw(random)
    line = f"{between(random, 1, 148)} {pick(random, _FIRST)} {pick(random, _LAST)}"
    inward = f"{between(random, 0, 9)}{pick(random, _UNUSED_LETTERS)}{pick(random, _UNUSED_LETTERS)}"
    return Address(line, town, f"{pick(random, districts)} {inward}")


def mobile(random: Random) -> str:
    """A number of the range that Ofcom keeps for drama."""
    return f"07700 900{between(random, 0, 999):03}"


def landline(random: Random) -> str:
    """A number of the range that Ofcom keeps for drama in Leeds."""
    return f"0113 496 0{between(random, 0, 999):03}"
