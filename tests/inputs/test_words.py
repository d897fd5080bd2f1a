"""Words, numbers, codes, telephone numbers, times and shapes as they may come in."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from backend.core import clock, inputs
from backend.core.inputs import clean, fit_title, is_blank, read_phone


def taken(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refused(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as told:
        taken(kind, value)
    return told.value.errors()[0]["type"]


def test_words_are_trimmed_in_one_form_and_without_unseen_signs() -> None:
    assert clean(" \u3000路\ufeff灯\u200b ") == "路灯"
    assert clean("e\u0301") == "é"
    assert clean("a\r\nb\x0bc\u2028d") == "a\nb\nc\nd"
    assert clean("a\r\n\tb  c", line=True) == "a b  c"
    assert clean("\x07bell\u202eexe.txt") == "bellexe.txt"
    # Joiners inside of a sign stay: a family is one.
    assert clean("👩\u200d👧") == "👩\u200d👧"
    assert len(clean("e" + "\u0323" * 300)) < 12


@pytest.mark.parametrize(
    "blank",
    ["", "  ", "\u200b\u200c\u200d", "\u3164", "\u2800", "\ufeff", "\u00ad", "\u0301", "\u115f"],
)
def test_what_nobody_can_see_is_empty(blank: str) -> None:
    assert is_blank(blank) and clean(blank) == ""
    assert refused(inputs.Name, blank) == "string_too_short"
    assert taken(inputs.Note, blank) == ""


@pytest.mark.parametrize(
    ("value", "kind"),
    [("a\0b", "nul"), ("\ud800", "surrogate"), ("x" * 201, "string_too_long"), (5, "string_type")],
)
def test_what_cannot_be_stored_is_refused(value: Any, kind: str) -> None:
    assert refused(inputs.Line, value) == kind


@given(st.text(max_size=60))
def test_whatever_comes_can_be_stored_and_is_the_same_the_second_time(words: str) -> None:
    try:
        once = clean(words)
    except ValueError:
        assert "\0" in words or any("\ud800" <= sign <= "\udfff" for sign in words)
        return
    assert clean(once) == once
    assert "\0" not in once and once.encode() is not None
    assert (once == "") or not is_blank(once)


def test_a_title_from_stored_words_is_never_refused() -> None:
    assert fit_title("坑", "研判会") == "研判会 坑"
    assert fit_title("", "x") == "x…"
    assert len(fit_title("长" * 121, "x")) == 120
    assert fit_title("一\n二", "x") == "一 二"
    for words in ("", "坑", "长" * 500, "a\0b", "\ud800", "\u200b"):
        taken(inputs.Title, fit_title(words, "会"))


@pytest.mark.parametrize(
    "code",
    [
        "35990",
        "3599021",
        "35990210",
        "3599021010",
        "35990210100",
        "3599021010011",
        "３５９９",
        "359902101001\n",
        "",
    ],
)
def test_area_codes_have_the_length_of_a_level(code: str) -> None:
    refused(inputs.AreaCode, code)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("13800000012", "13800000012"), ("１３８００００００１２", "13800000012"), ("+86 138-0000-0012", "13800000012"),
     ("0594-2681234", "05942681234"), ("（0594）2681234", "05942681234"), ("12345", "12345"),
     ("00852 2345 6789", "+85223456789"), ("+1 (617) 555-0123", "+16175550123")],
)  # fmt: skip
def test_a_number_is_stored_in_one_form(typed: str, stored: str) -> None:
    assert read_phone(typed) == stored == read_phone(stored)


@pytest.mark.parametrize(
    "typed",
    [
        "-----",
        "1.380013801E+10",
        "1.01E+11",
        "call me",
        "1",
        "999999999999999999",
        "1-800-FLOWERS",
        "+",
        "\u200b",
    ],
)
def test_what_cannot_be_called_is_no_number(typed: str) -> None:
    assert refused(inputs.Phone, typed) == "phone"


@pytest.mark.parametrize(
    "time",
    [
        "2026-11-28T08:00:00",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "1989-12-31T23:59:59+08:00",
        1e300,
        "yesterday",
        "2026-13-01T00:00:00Z",
        float("nan"),
    ],
)
def test_times_have_a_zone_and_a_year_that_can_be_meant(time: Any) -> None:
    refused(inputs.Moment, time)
    refused(inputs.DeviceTime, time)


def test_times_are_kept_in_one_zone() -> None:
    assert taken(inputs.Moment, "2026-11-28T08:00:00+08:00") == datetime(2026, 11, 28, tzinfo=UTC)
    assert taken(inputs.Moment, "2026-11-28T08:00:00+08:00").tzinfo == UTC


def test_a_device_may_be_a_zone_ahead_and_no_more() -> None:
    taken(inputs.DeviceTime, clock.now() + timedelta(hours=14))
    assert refused(inputs.DeviceTime, clock.now() + timedelta(days=2)) == "ahead"


def test_hours_months_and_years() -> None:
    assert refused(inputs.HourOfDay, "08:00:00Z") == "zone"
    assert refused(inputs.Month, "2026-13") == refused(inputs.Month, "０２26-01")
    assert refused(inputs.Day, "0001-01-01") == refused(inputs.Day, "9999-01-01") == "year"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, 10**400, 1e300, "x"])
def test_numbers_are_finite_and_bounded(number: Any) -> None:
    for kind in (inputs.Lon, inputs.Coordinate, inputs.Radius, inputs.Money):

        class Body(inputs.Strict):
            value: kind  # type: ignore[valid-type]

        with pytest.raises(ValidationError):
            Body(value=number)


def test_an_absurd_accuracy_says_no_more_than_that_nothing_is_known() -> None:
    assert taken(inputs.Accuracy, 1e17) == 20_037_508.0
    assert math.copysign(1, taken(inputs.Accuracy, -0.0)) == 1
    assert taken(inputs.Accuracy, 1e-7) == 0


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "shape",
    [{"type": "x"}, {}, [], "Point", {"type": "Point"}, {"type": "Point", "coordinates": [1]}, {"type": "Point", "coordinates": [True, 1]},
     {"type": "Point", "coordinates": [1, 2, 10**400]}, {"type": "Point", "coordinates": [math.nan, 1]}, {"type": "Point", "coordinates": [1e300, 1]},
     {"type": "LineString", "coordinates": [[1, 2]]}, {"type": "Polygon", "coordinates": []}, {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]},
     {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}, {"type": "Polygon", "coordinates": nested(400)}, {"type": "Polygon", "coordinates": [[]] * 100_000},
     {"type": "LineString", "coordinates": [[1, 2]] * 2001}, {"type": ["Point"], "coordinates": [1, 2]},
     {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": []}] * 400}],
)  # fmt: skip
def test_shapes_are_bounded(shape: Any) -> None:
    refused(inputs.Geometry, shape)
    refused(inputs.Drawing, shape)


def test_a_shape_keeps_its_kind_and_its_corners_alone() -> None:
    given = {
        "type": "Point",
        "coordinates": [119, 25.4, 12],
        "bbox": [0] * 5000,
        "evil": "x" * 5000,
    }
    assert taken(inputs.Drawing, given) == {"type": "Point", "coordinates": [119.0, 25.4]}
    refused(inputs.Drawing, {"type": "Point", "coordinates": [500_000, 2_800_000]})
    taken(inputs.Geometry, {"type": "Point", "coordinates": [500_000, 2_800_000]})
