"""Files that others sent, or could have: each is read as it was meant, or told. See cases/README.md."""

from pathlib import Path

import pytest

from backend.core.errors import BadInput
from backend.tools.importing import sheets
from gis import reading
from gis.errors import UnreadableFile

# Workbooks are opened in a process apart, whose bounds are settings.
pytestmark = pytest.mark.usefixtures("database")

TOLD = (
    "k16_nul.csv",
    "k17_bigfield.csv",
    "k19_unbalanced.csv",
    "s22_nul.csv",
    "r12_two_phone_cols.xlsx",
)
READ = ("k13_excel_cn.csv", "k15_cr.csv", "k03_slash_unpadded.xlsx", "r01_hidden_first.xlsx")


@pytest.mark.parametrize("name", TOLD)
def test_a_sheet_that_cannot_be_meant_is_told(data: Path, name: str) -> None:
    with pytest.raises(BadInput):
        sheets.read((data / "cases" / name).read_bytes())


@pytest.mark.parametrize("name", READ)
def test_a_sheet_of_another_system_is_read(data: Path, name: str) -> None:
    assert sheets.read((data / "cases" / name).read_bytes())[0].rows


@pytest.mark.parametrize(
    "name",
    [
        "a09b_unclosed.geojson",
        "a09c_2pts.geojson",
        "c02_one_row_swapped.geojson",
        "c03_one_row_unclosed.geojson",
        "a06_numeric18_null.geojson",
    ],
)
def test_a_broken_row_is_one_rows_fault(data: Path, name: str) -> None:
    rows = list(reading.read(data / "cases" / name, "WGS84"))
    assert any(row.problem for row in rows)


@pytest.mark.parametrize(
    "name",
    [
        "b09_noshx.zip",
        "d08_bigfield.csv",
        "d09_unbalanced.csv",
        "d11_nul.csv",
        "d12_extra.csv",
        "e11_unquoted_comma.csv",
        "e12b_unbalanced_tail.csv",
        "e15_nul.csv",
        "e16_long.csv",
    ],
)
def test_a_file_that_cannot_be_meant_is_told(data: Path, name: str) -> None:
    with pytest.raises(UnreadableFile):
        list(reading.read(data / "cases" / name, "WGS84"))


@pytest.mark.parametrize(
    "name",
    ["d01_semicolon.csv", "d02_cr.csv", "d04_header_space.csv", "e13_semicolon.csv", "e14_cr.csv"],
)
def test_a_table_of_another_system_is_read(data: Path, name: str) -> None:
    rows = list(reading.read(data / "cases" / name, "WGS84"))
    assert rows and all(len(row.fields) > 1 and "" not in row.fields for row in rows)


def test_whole_numbers_stay_whole_beside_an_empty_cell(data: Path) -> None:
    first, _ = reading.read(data / "cases" / "a05_numeric_null.geojson", "WGS84")
    assert first.fields["code"] == 359902101001095
