"""What notices say: place, matter and day as people say them; of sealed cases the number alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.core import delivery
from backend.core.actor import anonymous, proven, system
from backend.core.day_words import said
from backend.core.db import unit_of_work
from backend.core.ids import new_id
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.schemas import ContactIn
from backend.matters.telling.service import details_of
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Kind, Message, Notice
from backend.tools.notices.saying import words
from backend.tools.notices.writing import Told, write
from tests.conftest import Town
from tests.events.makers import a_report, an_event_at, take

# A Saturday at noon, by the clocks of the city.
NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        (NOW, "今天 12:00", "today 12:00"),
        (NOW - timedelta(hours=13), "昨天 23:00", "yesterday 23:00"),
        (NOW + timedelta(hours=12), "明天 0:00", "tomorrow 0:00"),
        (NOW + timedelta(days=4, hours=5), "周三 17:00", "Wednesday 17:00"),
        (NOW + timedelta(days=7), "12月5日 12:00", "5 Dec 12:00"),
        (NOW + timedelta(days=40), "2027年1月7日 12:00", "7 Jan 2027 12:00"),
    ],
)  # fmt: skip
def test_moments_are_said_as_people_say_them(moment: datetime, zh: str, en: str) -> None:
    assert (said("zh-CN", moment, NOW), said("en", moment, NOW)) == (zh, en)


def test_a_notice_names_place_and_matter_and_until_when() -> None:
    details = {
        "number": "E1", "place": "西天镇 东星社区", "matter": "井盖破损",
        "matter_en": "Broken manhole cover", "due_at": (NOW + timedelta(hours=29)).isoformat(),
    }  # fmt: skip
    assert words("zh-CN", "told.given", details, NOW) == (
        "东星社区的“井盖破损”派给您了，请在明天 17:00前完成。"
    )
    assert words("en", "told.given", details, NOW) == (
        "A new task: “Broken manhole cover” in 东星社区, to be done by tomorrow 17:00."
    )
    # What is over is not promised, and what is known by its number only is called by it.
    late = words("zh-CN", "told.given", details, NOW + timedelta(days=3))
    assert late == "东星社区的“井盖破损”派给您了。"
    assert words("zh-CN", "told.given", {"number": "E1"}, NOW) == "E1派给您了。"


def test_a_notice_of_an_earlier_edition_breaks_no_list() -> None:
    details = {"number": "E1"}
    assert words("zh-CN", "told.no_sentence_of_today", details, NOW) == "E1"
    assert words("en", "told.late_help", details, NOW) == "E1"


def test_thousands_are_told_of_one_step(town: Town) -> None:
    """As many have reported the same after a storm; a statement takes 65,535 parameters."""
    people = [new_id() for _ in range(8_000)]
    told = [Told(one, "told.file", Kind.MINE, words={"number": "E1"}) for one in people]
    with unit_of_work(system("359902")) as session:
        assert len(write(session, "359902", new_id(), None, told)) == len(people)
    with unit_of_work(proven(people[-1])) as session:
        heard = session.scalars(select(Notice.about).where(Notice.account_id == people[-1])).all()
    assert heard == ["told.file"]


def test_of_a_sealed_case_nothing_is_said_but_its_number(town: Town) -> None:
    plain = an_event_at(town, "dispatched")
    sealed = an_event_at(town, "reported", category="0501")
    with unit_of_work(system(town.counties[0])) as session:
        open_case, shut = (
            session.get_one(Event, (town.counties[0], key)) for key in (plain, sealed)
        )
        said_of = details_of(session, open_case)
        assert (said_of["matter"], "due_at" in said_of) == ("道路积水", True)
        assert said_of["place"].startswith("西天镇 ")
        assert details_of(session, shut) == {"number": shut.event_no}


def test_the_message_to_a_stranger_says_it_too(town: Town) -> None:
    unit = town.unit_head_of(town["demo-village"].area_code).area_code
    with unit_of_work(anonymous()) as session:
        contact = ContactIn(name="林伯", phone="13800000091")
        receipt = reporting.report(session, anonymous(), a_report(town, unit, contact=contact))
    take(town, town["demo-village"], UUID(receipt["id"]), "file")
    county = town.counties[0]
    while delivery.drain(county, HANDLERS):
        pass
    with unit_of_work(system(county)) as session:
        sent = session.scalars(
            select(Message.words).where(Message.event_id == UUID(receipt["id"]))
        ).all()
    assert sent == [f"您上报的东星社区的“道路积水”（{receipt['event_no']}）已立案。"]
