"""The blocked drain, from the photo to the result, over a review meeting in four windows."""

import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from backend.seeding.pictures import street
from tests.e2e.conftest import DESK, PHONE, People, Person
from tests.e2e.test_loop import act, settled

pytestmark = pytest.mark.browser


def sure(page: Page, word: str) -> None:
    """Answer the question that is asked before what concerns everybody."""
    page.get_by_role("dialog").get_by_role("button", name=word).click()


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
    code = re.sub(r"\D", "", secretary.page.locator(".code").inner_text())[:8]

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
    sure(secretary.page, "散会并生效")
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
    # From the report over the meeting to the list: each knot leads there.
    expect(secretary.page.locator(".thread")).to_contain_text(re.compile(r"M\d{8}-359902"))
    secretary.accessible()
    secretary.shot("75-item")

    # Looked at on site by another, answered by whoever reported it, closed; and the problem with it.
    case = clerk.page.url
    town.page.goto(case)
    act(town.page, "要求现场核查")
    settled(town.page, "核查中")
    checker = people("demo-grid", PHONE)
    checker.page.goto("/m/tasks")
    checker.page.get_by_role("link", name=re.compile(WORDS[:6])).click()
    act(checker.page, "核查通过", photo=photo)
    town.page.goto(case)
    act(town.page, "开始回访")
    settled(town.page, "回访中")
    head.page.goto("/m/reports")
    head.page.get_by_role("link", name=re.compile(WORDS[:6])).click()
    act(head.page, "解决了")
    town.page.goto(case)
    act(town.page, "结案")
    settled(town.page, "已结案")
    head.page.goto("/m/notices")
    key = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", case)
    assert key is not None
    about = head.page.locator(f"a.line[href$='{key[0]}']")
    expect(about.filter(has_text="已结案")).to_be_visible(timeout=30_000)
    head.shot("76-told")
    secretary.page.reload()
    expect(secretary.page.locator(".thread")).to_contain_text("已完成", timeout=30_000)
    secretary.shot("77-achieved")


def test_a_meeting_is_prepared_on_the_map(people: People) -> None:
    secretary = people("demo-village", DESK)
    page = secretary.page
    area = page.evaluate("JSON.parse(localStorage.getItem('onemap.me')).post.area_code")
    # A daily habit: meetings set themselves up, and stop when they are not wanted.
    page.goto("/reviews")
    page.locator("summary", has_text="自动召开").click()
    page.get_by_role("button", name="设为自动召开").click()
    expect(page.get_by_text("每个工作日 09:00")).to_be_visible()
    secretary.accessible()
    page.get_by_role("button", name="停止").click()
    sure(page, "停止")
    expect(page.get_by_text("已停止，没开的会已取消")).to_be_visible()
    page.get_by_role("button", name="预定").click()
    expect(page.locator("[data-ready=yes]")).to_be_visible()
    # A matter that nobody has reported is drawn where it is, named, and on the agenda.
    page.get_by_role("button", name="在图上画").click()
    place = page.locator(".place")
    box = place.bounding_box()
    assert box is not None
    for x, y in ((0.4, 0.5), (0.6, 0.5), (0.6, 0.7)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        # Two clicks in one moment would be a double click, which zooms.
        page.wait_for_function(
            "document.querySelector('.tools button:last-of-type').disabled === false"
        )
    page.get_by_label("围成面").check()
    page.locator("[name=matter]").fill("老戏台后面的空地")
    secretary.shot("78-prepare")
    page.get_by_role("button", name="列入问题清单并加入议程").click()
    expect(page.locator("ol")).to_contain_text("老戏台后面的空地")
    secretary.accessible()
    # The code on the wall, for phones.
    page.locator("button.code").click()
    expect(page.get_by_alt_text("会议签到二维码")).to_be_visible()
    page.get_by_role("button", name="取消会议").click()
    sure(page, "取消会议")
    expect(page.get_by_text("这次会议已取消")).to_be_visible()
    # Called off by mistake: for a while it is planned again with one press.
    page.get_by_role("button", name="恢复", exact=True).click()
    expect(page.get_by_role("button", name="开会")).to_be_visible()
    # So is a point that was taken off.
    point = page.locator("ol > li", has_text="老戏台后面的空地")
    point.get_by_role("button", name="删除").click()
    sure(page, "删除")
    expect(point).to_have_count(0)
    off = page.locator(".off")
    expect(off).to_contain_text("老戏台后面的空地")
    off.get_by_role("button", name="恢复").last.click()
    expect(point).to_have_count(1)
    page.get_by_role("button", name="取消会议").click()
    sure(page, "取消会议")
    expect(page.get_by_text("这次会议已取消")).to_be_visible()
    assert area


def test_an_end_says_what_it_means_and_is_taken_back(people: People) -> None:
    secretary, head = people("demo-village", DESK), people("demo-unit", PHONE)
    page = secretary.page

    def ask(method: str, path: str, body: Any = None, by: Person = secretary) -> Any:
        answer = by.context.request.fetch(path, method=method, data=body)
        assert answer.ok, answer.text()
        return answer.json()

    def report() -> str:
        """Somebody sees something inside the village."""
        me = ask("GET", "/api/auth/me")
        area = ask("GET", f"/api/areas/{me['post']['area_code']}")
        w, s, e, n = (area["box"][side] for side in ("west", "south", "east", "north"))
        sent = head.context.request.post(
            "/api/media",
            data=street("0103", 1),
            headers={"content-type": "application/octet-stream"},
        )
        body = {
            "client_id": str(uuid4()), "category": "0103", "text": "井盖松动，车过有响声",
            "photos": [sent.json()["id"]],
            "position": {"lon": (w + e) / 2, "lat": (s + n) / 2, "crs": "CGCS2000",
                         "source": "map", "confirmed": True},
        }  # fmt: skip
        return str(ask("POST", "/api/events", body, head)["id"])

    moved = report()
    report()
    page.goto("/reviews")
    page.get_by_role("button", name="现在就开").click()
    page.get_by_role("button", name="开会").click()
    expect(page.locator(".head")).to_contain_text("实时")
    key = page.url.rsplit("/", 1)[1]
    review = ask("GET", f"/api/reviews/{key}")
    entry = next(one for one in review["entries"] if one["event_id"] == moved)
    # A point is decided, and its case is void before the end.
    path = f"/api/reviews/{key}/entries/{entry['id']}"
    condition = ask("GET", path)["event"]["conditions"][0]["code"]
    filed = {"decision": "file", "note": "情况属实", "condition": condition}
    ask("POST", f"{path}/decision", filed)
    ask(
        "POST", f"/api/events/{moved}/steps",
        {"client_id": str(uuid4()), "action": "void", "note": "误报",
         "reason": "mistaken", "present": ["村委会两人"]},
    )  # fmt: skip

    watcher = people("demo-town", DESK)
    watcher.page.goto(page.url)
    expect(watcher.page.locator(".head")).to_contain_text("实时")
    page.get_by_role("button", name="散会并生效").click()
    dialog = page.get_by_role("dialog")
    all_points = len(review["entries"])
    numbers = dialog.locator("dd")
    expect(numbers).to_have_text(["1", str(all_points - 1), "1", "1"])
    secretary.accessible()
    secretary.shot("79-ending")
    # Each point that would fail leads to itself; nothing has ended by that.
    dialog.get_by_role("button", name=re.compile("立案派遣")).click()
    expect(dialog).to_be_hidden()
    expect(page.locator(".agenda .shown")).to_contain_text("立案派遣")

    page.get_by_role("button", name="散会并生效").click()
    expect(numbers).to_have_count(4)
    sure(page, "散会并生效")
    expect(page.get_by_text("会议已散会")).to_contain_text(re.compile(r"还剩 9:\d\d"))
    # Whoever looks on comes back by itself.
    expect(watcher.page.get_by_role("button", name="打印")).to_be_visible()
    secretary.accessible()
    secretary.shot("79-undo")
    page.get_by_role("button", name="恢复", exact=True).click()
    for other in (secretary, watcher):
        expect(other.page.locator(".agenda .shown")).to_be_visible(timeout=30_000)
        expect(other.page.locator(".head")).to_contain_text("实时", timeout=30_000)
    page.get_by_role("button", name="散会并生效").click()
    expect(numbers).to_have_count(4)
    sure(page, "散会并生效")
    expect(page.get_by_role("button", name="打印")).to_be_visible()


def test_two_tabs_share_one_live_connection(people: People) -> None:
    secretary = people("demo-village", DESK)
    page = secretary.page
    page.goto("/reviews")
    page.get_by_role("button", name="现在就开").click()
    page.get_by_role("button", name="开会").click()
    expect(page.locator(".head")).to_contain_text("实时")
    second = secretary.context.new_page()
    asked: list[str] = []
    second.on("request", lambda r: asked.append(r.url) if "/live" in r.url else None)
    second.goto(page.url)
    expect(second.locator(".head")).to_contain_text("实时")
    assert asked == []
    # What happens is in both; when the one that listens goes, the other listens by itself.
    page.get_by_placeholder("到会人姓名").fill("村民代表老王")
    page.get_by_role("button", name="签到", exact=True).click()
    expect(second.locator(".head")).to_contain_text("到会 2 人")
    with second.expect_request(re.compile("/live")):
        page.close()
    second.get_by_placeholder("到会人姓名").fill("村民代表老李")
    second.get_by_role("button", name="签到", exact=True).click()
    expect(second.locator(".head")).to_contain_text("到会 3 人")
    second.get_by_role("button", name="散会并生效").click()
    sure(second, "散会并生效")
    expect(second.get_by_role("button", name="打印")).to_be_visible()
