"""Schemes and calendars as files: read back as they were written, every fault said, nothing half."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.core.db import unit_of_work
from backend.core.errors import BadInput
from backend.matters.categories import questions, schemes, service, sheet, sheet_writing
from backend.matters.categories.models import Scheme
from backend.matters.events import queries
from backend.seeding.recipe import read
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.models import CalendarVersion
from backend.tools.importing import sheets
from tests.conftest import Town
from tests.events.makers import an_event_at

Bearer = Callable[[str], dict[str, str]]
DEMO = schemes.of_data(read("categories"))
# Sheets are read in processes that are started with the settings of the run.
pytestmark = pytest.mark.usefixtures("database")


def test_a_scheme_is_read_back_as_it_was_written() -> None:
    book = sheets.write(sheet_writing.to_tables(DEMO))
    draft = sheet.of_tables(sheets.read(book))
    assert draft.faults == []
    assert draft.categories == DEMO


HEAD = "编码,上级编码,名称,必须拍照,条件编码,立案条件,时限类型,时限,结案条件,分段时限\n"
GOOD = "01,,市容,,,,,,,\n0101,01,垃圾,否,a,一般,工作时,4,清理,\n"
BAD = [
    ("0102,01,占道,也许,a,占道,工作日,2,畅通,", "必须拍照", "也许", "fault.not_yes_no"),
    ("0102,01,占道,是,a,占道,星期,2,畅通,", "时限类型", "星期", "fault.clock_unknown"),
    ("0102,01,占道,是,a,占道,工作日,两,畅通,", "时限", "两", "fault.amount"),
    ("0102,01,占道,是,a,占道,工作日,-1,畅通,", "时限", "-1", "fault.amount"),
    ("0102,99,占道,是,a,占道,工作日,2,畅通,", "上级编码", "99", "fault.parent_unknown"),
    ("0102,01,,是,a,占道,工作日,2,畅通,", "名称", "", "fault.name_empty"),
    (",01,占道,是,a,占道,工作日,2,畅通,", "编码", "", "fault.code_empty"),
    ("0101,01,垃圾,是,a,再一次,工作日,2,清理,", "条件编码", "a", "fault.condition_twice"),
    ("0101,01,别的名,是,b,再一次,工作日,2,清理,", "名称", "别的名", "fault.two_names"),
    ("0102,01,占道,是,,,,,,", "立案条件", "", "fault.leaf_without_condition"),
    ("01,,市容,,a,一般,工作时,4,清理,", "立案条件", "01", "fault.group_with_condition"),
    ("0102,01,占道,是,a,占道,工作日,2,畅通,停工四小时", "分段时限", "停工四小时", "fault.stages"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "column", "value", "wrong"), BAD, ids=[b[3] for b in BAD])
def test_a_faulty_row_says_where_and_what(line: str, column: str, value: str, wrong: str) -> None:
    draft = sheet.of_tables(sheets.read((HEAD + GOOD + line).encode()))
    said = [(f.column, f.value, f.wrong) for f in draft.faults]
    assert (column, value, wrong) in said
    row = 2 if wrong == "fault.group_with_condition" else 4
    assert {f.row for f in draft.faults if f.wrong == wrong} == {row}


def test_stages_are_read() -> None:
    line = "0102,01,搭建,是,a,在建,工作日,20,拆除,停工 4 工作时；处罚 7 工作日\n"
    draft = sheet.of_tables(sheets.read((HEAD + GOOD + line).encode("gb18030")))
    assert draft.faults == []
    stages = draft.categories[-1].conditions[0].stages
    assert [(s.zh, s.amount, s.clock) for s in stages] == [
        ("停工", 4, "work_hour"),
        ("处罚", 7, "work_day"),
    ]


def test_only_administrators_publish_and_one_fault_changes_nothing(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    filed = an_event_at(town, "filed")
    before = client.get("/api/categories/schemes/1.xlsx", headers=bearer("demo-village"))
    assert before.status_code == 200
    faulty = (HEAD + GOOD + BAD[0][0]).encode()
    for body, dry, expected in (
        (faulty, False, None),
        (before.content, True, None),
        (before.content, False, 2),
    ):
        answer = client.post(
            "/api/categories/schemes", params={"name": "第二版", "dry": dry}, content=body,
            headers=bearer("demo-admin"),
        )  # fmt: skip
        assert (answer.status_code, answer.json()["version"]) == (200, expected)
        with unit_of_work() as session:
            assert session.scalar(select(func.max(Scheme.version))) == (expected or 1)
    told = client.post("/api/categories/schemes", content=faulty, headers=bearer("demo-admin"))
    (fault,) = told.json()["faults"]
    assert (fault["row"], fault["column"], fault["wrong"]) == (4, "必须拍照", "Neither yes nor no.")
    refused = client.post("/api/categories/schemes", content=faulty, headers=bearer("demo-town"))
    assert refused.status_code == 403
    # A case that runs keeps the edition it was filed under; new ones get the new one.
    with unit_of_work(town["demo-town"]) as session:
        event = queries.one(session, town["demo-town"], filed)
        assert event is not None and event.scheme_version == 1
        assert service.current(session)["0201"].scheme_version == 2


def test_what_is_no_spreadsheet_is_refused_with_words(client: TestClient, bearer: Bearer) -> None:
    for body in (b"PK\x03\x04 broken", b"\xff\xfe\xff\xff\x81"):
        answer = client.post("/api/categories/schemes", content=body, headers=bearer("demo-admin"))
        assert answer.status_code in (200, 422)
        if answer.status_code == 200:
            assert answer.json()["version"] is None and answer.json()["faults"]
        else:
            assert answer.json()["code"] == "sheet_unreadable"


def test_questions_apply_by_earlier_answers() -> None:
    flooded = next(c for c in DEMO if c.code == "0201")
    category = service.Category(questions=[q.model_dump() for q in flooded.questions])
    assert questions.checked(category, {"depth": "到鞋面", "trapped": "yes"}) == {"depth": "到鞋面"}
    deep = {"depth": "到膝盖以上", "trapped": "yes"}
    assert questions.checked(category, deep) == deep
    with pytest.raises(BadInput, match="answer_does_not_fit"):
        questions.checked(category, {"depth": "很深"})
    category.questions[0]["required"] = True
    with pytest.raises(BadInput, match="needs_answer"):
        questions.checked(category, {})


@pytest.mark.parametrize("answer", ["nan", "inf", "-Infinity", "1e999", "三"])
def test_a_number_is_one_that_can_be_counted_with(answer: str) -> None:
    category = service.Category(questions=[{"code": "n", "zh": "几个", "type": "number"}])
    assert questions.checked(category, {"n": "3.5"}) == {"n": "3.5"}
    with pytest.raises(BadInput, match="answer_does_not_fit"):
        questions.checked(category, {"n": answer})


def test_the_calendar_is_edited_in_editions(client: TestClient, bearer: Bearer, town: Town) -> None:
    an = bearer("demo-admin")
    now = client.get("/api/calendar", headers=an).json()
    assert now["version"] == 1 and 2027 in now["missing"]
    ask = {"limit": "work_day", "amount": 1, "start": "2027-02-05T10:00:00Z"}
    plain = client.get("/api/calendar/due", params=ask, headers=an).json()["due_at"]
    faulty = "日期,类型,名称\n2027-02-08,放假,春节\n2027-02-30,放假,春节\n2027-02-08,放假,春节\n2027-02-09,调休上班,\n2027-02-10,休息,\n"
    told = client.post("/api/calendar/days", content=faulty.encode(), headers=an).json()
    assert [(f["row"], f["column"], f["value"]) for f in told["faults"]] == [
        (3, "日期", "2027-02-30"), (4, "日期", "2027-02-08"), (5, "类型", "调休上班"),
        (6, "类型", "休息"),
    ]  # fmt: skip
    with unit_of_work() as session:
        assert session.scalar(select(func.max(CalendarVersion.version))) == 1
    good = "日期,类型,名称\n2027-02-08,放假,春节\n2027-02-06,调休上班,春节\n"
    assert (
        client.post("/api/calendar/days", content=good.encode(), headers=an).json()["version"] == 2
    )
    later = client.get("/api/calendar", headers=an).json()
    assert later["missing"] == [] and len(later["days"]) == len(now["days"]) + 2
    # Friday evening: a working day later is Monday's end, or with the make-up day Saturday's.
    assert plain == "2027-02-08T10:00:00Z"
    assert (
        client.get("/api/calendar/due", params=ask, headers=an).json()["due_at"]
        == "2027-02-06T10:00:00Z"
    )
    # What was read out can be read in again.
    book = client.get("/api/calendar/days.xlsx", headers=an).content
    again = client.post("/api/calendar/days?mode=replace", content=book, headers=an).json()
    assert (again["version"], again["days"], again["faults"]) == (2, len(later["days"]), [])
    assert (
        client.put(
            "/api/calendar", json={"hours": [["12:00", "08:00"]], "days": []}, headers=an
        ).status_code
        == 422
    )


def test_a_running_promise_keeps_its_calendar(town: Town) -> None:
    event_id = an_event_at(town, "handling", category="0204")
    with unit_of_work(town["demo-town"]) as session:
        event = queries.one(session, town["demo-town"], event_id)
        assert event is not None
        before, version = event.due_at, event.calendar_version
        current = deadlines.current(session)
        days = [
            deadlines.Day(event.filed_at.date() + timedelta(days=n), deadlines.Kind.HOLIDAY)
            for n in range(1, 20)
        ]  # fmt: skip
        deadlines.publish(session, None, current.hours, days)
        limit = deadlines.limit_of(event.limit_clock, event.limit_amount)
        assert limit is not None
        again = deadlines.promise(
            limit, deadlines.of_version(session, version),
            deadlines.segments(session, event.county_code, event.id),
        )  # fmt: skip
    assert again.due_at == before
