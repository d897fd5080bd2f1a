"""Requests and their answers in the browser: what a dispatcher sees who has never seen the case."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend.seeding.pictures import street
from tests.e2e.conftest import DESK, PHONE, People, Person
from tests.e2e.test_loop import act, settled

pytestmark = pytest.mark.browser

WORDS = "桥头井盖不见了"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(street("0202", 3))
    return file


def find(person: Person, path: str) -> None:
    person.page.goto(path)
    person.page.get_by_role("button", name=re.compile(WORDS)).first.click()
    expect(person.page.get_by_role("complementary")).to_contain_text(WORDS)


def test_a_request_is_seen_understood_and_answered(people: People, photo: Path) -> None:
    head = people("demo-unit", PHONE)
    head.page.goto("/m")
    head.page.locator(".shutter input").set_input_files(photo)
    head.page.get_by_text("井盖破损").click()
    head.page.get_by_label("一句话说明").fill(WORDS)
    with head.page.expect_response(lambda r: r.url.endswith("/api/events")):
        head.page.get_by_role("button", name="上 报").click()

    secretary = people("demo-village", DESK)
    find(secretary, "/queue/judging")
    secretary.page.get_by_role("button", name="立案", exact=True).click()
    # Three conditions, each with its own limit: the choice is the promise.
    form = secretary.page.locator("form.card")
    secretary.shot("40-conditions")
    form.get_by_label(re.compile("缺失或移位")).check()
    form.get_by_role("button", name="立案", exact=True).click()
    settled(secretary.page, "已立案")
    settled(secretary.page, "2 紧急工作时")

    town = people("demo-town", DESK)
    find(town, "/queue/dispatch")
    act(town.page, "派遣", fill={"派给哪个单位": "西天镇城建办"})
    clerk = people("demo-dept", DESK)
    find(clerk, "/queue/tasks")
    act(clerk.page, "收下")
    act(clerk.page, "申请延期", note="新井盖明天到货")
    settled(clerk.page, "待答复：延期")

    other = people("demo-town", DESK)
    # Whoever sits at the desk is told; the notice leads to the case.
    bell = other.page.get_by_role("button", name=re.compile("消息"))
    expect(bell).to_contain_text(re.compile("[1-9]"), timeout=45_000)
    bell.click()
    other.page.get_by_role("button", name=re.compile("有申请等您答复")).first.click()
    expect(other.page.locator("section.now")).to_contain_text("待答复：延期")
    other.shot("45-bell")
    find(other, "/queue/requests")
    now = other.page.locator("section.now")
    expect(now).to_contain_text("镇街协同中心（有延期申请等待答复）")
    expect(now).to_contain_text("新井盖明天到货")
    expect(now).to_contain_text("恢复")
    other.shot("41-request")
    other.accessible()
    act(other.page, "同意延期")
    settled(other.page, "延期 1 次")
    expect(now).to_contain_text("西天镇城建办")
    other.shot("42-granted")

    clerk.page.reload()
    act(
        clerk.page,
        "申请挂账",
        note="等市政统一更换",
        fill={"原因": "已列入工程项目", "挂账到哪一天": "2027-01-15"},
    )
    find(other, "/queue/requests")
    act(other.page, "同意挂账")
    settled(other.page, "已挂账")
    find(other, "/queue/suspended")
    other.shot("43-suspended")
    other.page.set_viewport_size(PHONE)
    other.fits()
    other.shot("44-suspended-phone")
