"""The blocked drain, from the photo to the result, over a review meeting in four windows."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.seeding.pictures import street
from tests.e2e.conftest import DESK, PHONE, People
from tests.e2e.test_loop import act, settled

pytestmark = pytest.mark.browser

WORDS = "雨后排污管堵了，污水漫到店门口"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(street("0103", 1))
    return file


def on_agenda(page: Page) -> None:
    page.locator(".agenda").get_by_role("button", name=re.compile(WORDS[:6])).click()
    expect(page.locator(".case")).to_contain_text(WORDS)


def test_a_blocked_drain_over_a_meeting(people: People, photo: Path) -> None:
    head = people("demo-unit", PHONE)
    head.page.goto("/m")
    head.page.locator(".shutter input").set_input_files(photo)
    head.page.get_by_text("污水外溢").click()
    head.page.get_by_label("一句话说明").fill(WORDS)
    with head.page.expect_response(lambda r: r.url.endswith("/api/events")):
        head.page.get_by_role("button", name="上 报").click()

    secretary = people("demo-village", DESK)
    secretary.page.goto("/reviews")
    secretary.page.get_by_role("button", name="现在就开").click()
    expect(secretary.page.locator("ol")).to_contain_text(WORDS)
    secretary.accessible()
    secretary.shot("70-agenda")
    secretary.page.get_by_role("button", name="开会").click()
    code = secretary.page.locator(".code").inner_text()

    # The unit head comes in on the phone, by the code on the projector; the town looks on.
    head.page.goto("/reviews")
    head.page.get_by_label("签到码").fill(code)
    head.page.get_by_role("button", name="签到").click()
    expect(head.page.locator(".agenda")).to_contain_text(WORDS[:6])
    expect(
        secretary.page.get_by_role("banner").or_(secretary.page.locator(".head"))
    ).to_contain_text("到会 2 人")
    town = people("demo-town", DESK)
    town.page.goto(secretary.page.url)
    expect(town.page.locator(".head")).to_contain_text("实时")

    # Everybody's screen goes where the presenter's goes.
    on_agenda(secretary.page)
    for other in (head, town):
        expect(other.page.locator(".case")).to_contain_text(WORDS)
        expect(other.page.locator(".case img").first).to_be_visible()
    secretary.accessible()
    secretary.shot("71-board")
    head.fits()
    head.accessible()
    head.shot("72-phone")

    # Somebody speaks, and everybody reads it.
    head.page.get_by_placeholder("说一句").fill("店家说几十年没清过")
    head.page.get_by_role("button", name="发言").click()
    expect(secretary.page.locator(".side")).to_contain_text("店家说几十年没清过")

    # One loses the network; the decision is there when it comes back, without a reload.
    town.context.set_offline(True)
    secretary.page.get_by_role("button", name="问题清单").click()
    sheet = secretary.page.locator("form.sheet")
    sheet.get_by_label("叫什么").fill("沿街排污管清淤")
    sheet.get_by_label("承办单位").select_option(label="西天镇城建办")
    secretary.shot("73-sheet")
    sheet.get_by_role("button", name="就这样定").click()
    agenda = head.page.locator(".agenda button", has_text="问题清单")
    expect(agenda).to_have_count(1)
    town.context.set_offline(False)
    expect(town.page.locator(".agenda button", has_text="问题清单")).to_have_count(
        1, timeout=30_000
    )
    secretary.page.get_by_role("button", name="散会并生效").click()
    for other in (secretary, town, head):
        expect(other.page.locator("main")).to_contain_text("已生效")
    secretary.shot("74-ended")
    secretary.accessible()

    # It has become work: at the office, and on the list.
    clerk = people("demo-dept", DESK)
    clerk.page.goto("/queue/tasks")
    clerk.page.get_by_role("button", name=re.compile(WORDS[:6])).click()
    act(clerk.page, "收下")
    expect(clerk.page.get_by_role("complementary")).to_contain_text(re.compile(r"M\d{8}-359902"))
    act(clerk.page, "办结反馈", note="清淤三车，管道已通", photo=photo)
    settled(clerk.page, "已反馈")
    secretary.page.goto("/lists/problem")
    secretary.page.get_by_role("link", name=re.compile("沿街排污管清淤")).click()
    expect(secretary.page.locator(".thread")).to_contain_text("1 件上报")
    secretary.accessible()
    secretary.shot("75-item")
