"""Codes are addresses."""

import pytest

from gis import codes


def test_a_unit_knows_its_ancestors() -> None:
    assert codes.chain("359902101001003007") == [
        "3599", "359902", "359902101", "359902101001", "359902101001003", "359902101001003007",
    ]  # fmt: skip
    assert codes.parent("359902101") == "359902"
    assert codes.parent("3599") is None


@pytest.mark.parametrize("code", ["359902", "359909", "3599", "359999999999999999"])
def test_a_range_holds_all_descendants_and_no_neighbour(code: str) -> None:
    hi = codes.upper(code)
    assert code <= code + "999" < hi
    assert not (code <= hi + "000" < hi)


@pytest.mark.parametrize("code", ["", "35", "35990", "3599021", "35990a", "３５９９"])
def test_what_is_no_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="no area code"):
        codes.level_of(code)


def test_statistical_codes_lose_their_zeros() -> None:
    assert codes.trim_statistical("350300000000") == "3503"
    assert codes.trim_statistical("350302000000") == "350302"
    assert codes.trim_statistical("350302100000") == "350302100"
    assert codes.trim_statistical("350302100001") == "350302100001"
    assert codes.trim_statistical("350302001000") == "350302001"
