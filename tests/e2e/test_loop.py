"""The whole loop in a browser, from a phone without signal to a closed case on the map."""

import re
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from backend.seeding.pictures import street
from gis import crs
from tests.e2e.conftest import DESK, PHONE, People, Person

pytestmark = pytest.mark.browser

WORDS = "幼儿园门口积水，孩子过不去"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(street("0201", 1))
    return file


def where_the_unit_is(page: Page) -> tuple[float, float]:
    """A point inside the signed-in unit head's own unit, and its GCJ-02 shift."""
    me = page.request.get("/api/auth/me").json()
    box = page.request.get(f"/api/areas/{me['post']['area_code']}").json()["box"]
    for i in range(1, 10):
        for j in range(1, 10):
            lon = box["west"] + (box["east"] - box["west"]) * i / 10
            lat = box["south"] + (box["north"] - box["south"]) * j / 10
            found = page.request.get(f"/api/areas/locate?lon={lon}&lat={lat}&crs=WGS84").json()
            if found["chain"] and found["chain"][-1]["code"] == me["post"]["area_code"]:
                return lon, lat
    raise AssertionError("no point of the grid lies in the unit")


def open_event(person: Person, path: str) -> None:
    """From a queue of the console, open the event that this story is about."""
    person.page.goto(path)
    person.page.get_by_role("button", name=re.compile(WORDS)).first.click()
    expect(person.page.get_by_role("complementary")).to_contain_text(WORDS)


def open_step(page: Page, button: str) -> None:
    """Press the button of a step; what is no everyday step stands behind one more."""
    steps = page.get_by_role("region", name="可以做的事")
    wanted = steps.get_by_role("button", name=button, exact=True)
    expect(wanted.or_(steps.get_by_text("其他操作")).first).to_be_visible()
    if not wanted.is_visible():
        steps.get_by_text("其他操作").click()
    wanted.click()


def act(
    page: Page,
    button: str,
    *,
    note: str = "",
    fill: dict[str, str] | None = None,
    photo: Path | None = None,
) -> None:
    """Take a step as a person does: press its button, fill what it asks for, press again."""
    open_step(page, button)
    form = page.locator("form.card")
    for label, value in (fill or {}).items():
        field = form.get_by_label(label)
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    if note:
        form.get_by_label("说明").fill(note)
    closing = form.locator("[name=closing]")
    if closing.count():
        closing.check()
    if photo:
        form.locator("input[type=file]").first.set_input_files(photo)
    form.get_by_role("button", name=button, exact=True).click()
    # The form goes when the step is taken, or refused and the event shown anew.
    expect(form).to_have_count(0)


def settled(page: Page, state: str) -> None:
    """The event on the page stands in this state."""
    expect(page.locator("section.now")).to_contain_text(state)


def test_the_loop(people: People, photo: Path) -> None:
    # A phone that hands out GCJ-02 as if it were GPS.
    head = people(
        "demo-unit",
        PHONE,
        permissions=["geolocation"],
        geolocation={"longitude": 119.05, "latitude": 25.42},
    )
    lon, lat = where_the_unit_is(head.page)
    shifted = [float(v[0]) for v in crs.wgs84_to_gcj02([lon], [lat])]
    head.context.set_geolocation({"longitude": shifted[0], "latitude": shifted[1], "accuracy": 8})
    head.page.goto("/m")
    expect(head.page.get_by_text("拍照上报")).to_be_visible()
    # Let the service worker take the pages in, then lose the signal.
    head.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    head.page.goto("/m/report")
    expect(head.page.get_by_text("道路积水")).to_be_visible()
    head.page.goto("/m")
    head.shot("01-phone-home")
    head.accessible()
    head.context.set_offline(True)

    head.page.locator(".shutter input").set_input_files(photo)
    head.page.get_by_text("道路积水").click()
    head.page.get_by_label("一句话说明").fill(WORDS)
    expect(head.page.get_by_text("没有信号，已存好")).to_be_visible()
    head.shot("02-phone-report-offline")
    head.page.get_by_role("button", name="上 报").click()
    expect(head.page.locator("[data-test=waiting]")).to_contain_text(WORDS)
    head.shot("03-phone-waiting")
    # The page is closed and opened again without a network: the report is still there.
    head.page.close()
    head.page = head.context.new_page()
    head.page.goto("/m/reports")
    expect(head.page.locator("[data-test=waiting]")).to_contain_text(WORDS)
    head.context.set_offline(False)
    expect(head.page.locator("[data-test=waiting]")).to_have_count(0)
    mine = head.page.get_by_role("link", name=re.compile(WORDS))
    expect(mine).to_have_count(1)
    expect(mine).to_contain_text("位置可疑")
    head.shot("04-phone-doubted")
    mine.click()
    expect(head.page.get_by_text("像是 GCJ02 坐标")).to_be_visible()
    act(head.page, "核对位置")
    expect(head.page.get_by_text("像是 GCJ02 坐标")).to_have_count(0)
    head.shot("05-phone-confirmed")
    head.fits()

    secretary = people("demo-village", DESK)
    open_event(secretary, "/queue/judging")
    secretary.shot("06-secretary-judging")
    act(secretary.page, "提交研判")
    settled(secretary.page, "研判中")
    act(secretary.page, "立案", note="情况属实", fill={"参加研判的人": "书记、网格长、村民代表"})
    settled(secretary.page, "已立案")
    secretary.shot("07-secretary-filed")
    secretary.accessible()

    town = people("demo-town", DESK)
    open_event(town, "/queue/dispatch")
    act(town.page, "派遣", fill={"派给哪个单位": "西天镇城建办"})
    settled(town.page, "已派遣")
    town.shot("08-town-dispatched")

    clerk = people("demo-dept", DESK)
    open_event(clerk, "/queue/tasks")
    expect(clerk.page.get_by_text("上报人不公开")).to_be_visible()
    act(clerk.page, "收下")
    settled(clerk.page, "处置中")
    act(clerk.page, "办结反馈", note="已疏通排水口", photo=photo)
    settled(clerk.page, "已反馈")
    clerk.shot("09-clerk-result")
    # Whoever handled it is offered nothing that judges the result.
    expect(clerk.page.get_by_role("button", name="结案")).to_have_count(0)

    open_event(town, "/queue/checking")
    act(town.page, "要求现场核查")
    settled(town.page, "核查中")
    expect(town.page.get_by_text("现场核查还没有结果").first).to_be_visible()

    checker = people("demo-grid", PHONE)
    checker.page.goto("/m/tasks")
    checker.page.get_by_role("link", name=re.compile(WORDS)).click()
    checker.shot("10-checker-task")
    act(checker.page, "核查通过", photo=photo)
    expect(checker.page.get_by_text("已经核查过了").first).to_be_visible()
    checker.accessible()

    open_event(town, "/queue/checking")
    act(town.page, "开始回访")
    settled(town.page, "回访中")

    head.page.goto("/m/reports")
    expect(head.page.get_by_text("请告诉我们解决了没有")).to_be_visible()
    head.page.get_by_role("link", name=re.compile(WORDS)).click()
    act(head.page, "没解决", note="雨一来又积水")
    settled(head.page, "处置中")
    head.shot("11-phone-not-solved")

    open_event(clerk, "/queue/tasks")
    expect(clerk.page.locator("section.now")).to_contain_text("雨一来又积水")
    act(clerk.page, "办结反馈", note="重新铺设了管道", photo=photo)
    open_event(town, "/queue/checking")
    act(town.page, "开始回访")
    head.page.reload()
    act(head.page, "解决了")
    open_event(town, "/queue/checking")
    act(town.page, "结案")
    settled(town.page, "已结案")
    town.shot("12-town-closed")

    head.page.goto("/m/notices")
    expect(head.page.get_by_text("已结案")).to_be_visible(timeout=30_000)
    head.shot("13-phone-notices")
    leader = people("demo-leader", DESK)
    expect(leader.page.get_by_text("办结率").first).to_be_visible()
    expect(leader.page.locator("[data-ready=yes]")).to_be_visible()
    leader.page.get_by_role("button", name="荷城区").click()
    expect(leader.page.get_by_role("button", name="西天镇")).to_be_visible()
    leader.shot("14-leader-board")
    leader.accessible()


def test_anyone_reports_follows_and_answers(people: People, photo: Path) -> None:
    somebody = people(None, {"width": 360, "height": 740})
    page = somebody.page
    page.goto("/public")
    page.locator(".public input[type=file]").set_input_files(photo)
    page.get_by_label("看到了什么？").select_option(label="路灯不亮")
    page.get_by_label("一句话说明").fill("巷口两盏路灯不亮")
    page.get_by_label("在哪里").fill("西天镇大榕树旁")
    somebody.shot("20-public-form")
    page.get_by_role("button", name="上 报").click()
    expect(page.get_by_text("收到了，谢谢您")).to_be_visible()
    somebody.shot("21-public-receipt")
    page.get_by_role("button", name="查看").click()
    # Only an address: whoever can say where that is has it now, and the page says who.
    expect(page.get_by_role("article")).to_contain_text("正在由市级受理中心确认地点")
    somebody.fits()
    somebody.accessible()


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/public", "/m", "/m/report", "/m/reports", "/m/tasks", "/m/notices", "/m/me"],
)
def test_phone_pages_fit_360_pixels(people: People, path: str) -> None:
    head = people("demo-unit", {"width": 360, "height": 740})
    head.page.goto(path)
    head.page.wait_for_load_state("networkidle")
    head.fits()
    head.accessible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_console_shows_the_town(people: People, size: dict[str, int]) -> None:
    town = people("demo-town", size)
    town.page.goto("/")
    expect(town.page.locator("[data-ready=yes]")).to_be_visible()
    expect(town.page.get_by_role("listitem").first).to_be_visible()
    drawn = town.page.wait_for_function("document.querySelector('canvas') && true")
    assert drawn
    town.fits()
    town.accessible()
    town.shot(f"30-console-{size['width']}")


def test_two_windows_one_event_the_second_is_told(people: People, photo: Path) -> None:
    one, two = people("demo-village", DESK), people("demo-village", DESK)
    area = one.page.evaluate("JSON.parse(localStorage.getItem('onemap.me')).post.area_code")
    report = {
        "client_id": str(uuid4()),
        "text": "两个窗口同时看的一件事",
        "category": "0201",
        "area_code": area,
    }
    assert one.page.request.post("/api/events", data=report).ok
    for person in (one, two):
        person.page.goto("/?state=reported")
        person.page.get_by_role("listitem").get_by_role("button").first.click()
        expect(person.page.get_by_role("button", name="提交研判")).to_be_visible()
    act(one.page, "提交研判")
    settled(one.page, "研判中")
    act(two.page, "提交研判")
    expect(two.page.get_by_text("别人刚刚处理过，现在是“研判中”")).to_be_visible()
    settled(two.page, "研判中")


def test_a_secretary_invites_a_unit_head(people: People) -> None:
    secretary = people("demo-village", DESK)
    page = secretary.page
    page.get_by_role("link", name="管理").click()
    page.get_by_role("link", name="邀请一个人").click()
    page.get_by_label("姓名").fill("林新来")
    page.get_by_label("用户名").fill("new-unit-head")
    for i in range(2):
        field = page.locator(f"select[name=place-{i}]")
        field.select_option(index=1)
    page.get_by_role("button", name="生成邀请").click()
    link = page.locator(".link").inner_text()
    secretary.shot("40-invitation")
    secretary.accessible()
    newcomer = people(None, PHONE)
    newcomer.page.goto(link)
    newcomer.page.get_by_label("密码").fill("a long enough one")
    newcomer.page.get_by_label("再输一次").fill("a long enough one")
    newcomer.page.get_by_role("button", name="开始使用").click()
    expect(newcomer.page.get_by_text("拍照上报")).to_be_visible()
