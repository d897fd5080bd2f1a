"""A call taken down with the keyboard, and a rule made, tried and followed."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESK, PHONE, People

pytestmark = pytest.mark.browser

WORDS = "桥头路灯三天不亮了"


def test_a_call_is_taken_down_with_the_keyboard(people: People) -> None:
    desk = people("demo-town", DESK)
    page = desk.page
    page.goto("/desk")
    # The number first: the field has the focus already.
    expect(page.get_by_label("电话")).to_be_focused()
    page.keyboard.type("13912340000")
    page.get_by_label("说了什么").fill(WORDS)
    expect(page.get_by_role("button", name=re.compile("路灯不亮"))).to_be_visible()
    page.keyboard.press("Alt+Digit1")
    expect(page.locator("select[name=category]")).to_have_value("0204")
    pin = page.locator(".place[data-ready=yes] canvas")
    box = pin.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 5, y - 5, steps=4)
    page.mouse.up()
    expect(page.get_by_text(re.compile("附近没有相似事件|相似 \\d+%")).first).to_be_visible()
    page.get_by_label("说了什么").focus()
    desk.shot("50-desk")
    desk.accessible()
    page.keyboard.press("Control+Enter")
    taken = page.get_by_role("status").filter(has_text="请告诉来电人")
    expect(taken).to_be_visible()
    # Nothing of the last caller stays, the place least of all.
    expect(page.get_by_role("complementary")).to_contain_text("拖动地图，让针尖指到那里。")
    expect(page.get_by_label("说了什么")).to_have_value("")
    # The same number calls again: it is known before a word is said.
    expect(page.get_by_label("电话")).to_be_focused()
    page.keyboard.type("13912340000")
    expect(page.get_by_text("这个号码以前报过 1 件")).to_be_visible()
    desk.shot("51-desk-again")
    page.set_viewport_size(PHONE)
    desk.fits()


def test_a_rule_is_made_tried_and_followed(people: People) -> None:
    town = people("demo-town", DESK)
    page = town.page
    page.goto("/admin/rules")
    page.get_by_label("名称").fill("路灯归供电")
    page.get_by_label("派给").select_option(label="荷城区供电公司")
    page.get_by_label("路灯不亮").check()
    page.get_by_role("button", name="用上个月的事件试一试").click()
    expect(page.get_by_role("status").filter(has_text="与人工一致")).to_be_visible()
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.get_by_text("路灯不亮 → 荷城区供电公司")).to_be_visible()
    # One that never gets its turn is told so at once.
    page.get_by_label("名称").fill("轮不到的规则")
    page.get_by_label("派给").select_option(label="西天镇城建办")
    page.get_by_label("路灯不亮").check()
    page.get_by_label("优先级（小的在前）").fill("200")
    page.get_by_role("button", name="启用", exact=True).click()
    expect(page.get_by_text("永远轮不到：“路灯归供电”总在它前面。")).to_be_visible()
    town.shot("52-rules")
    town.accessible()
    page.set_viewport_size(PHONE)
    town.fits()
    page.set_viewport_size(DESK)
    page.goto("/admin/organizations")
    page.get_by_label("名称").fill("西天镇照明站")
    page.get_by_label("照明").check()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("li", has_text="西天镇照明站")).to_be_visible()
    town.shot("56-bodies")
    town.accessible()
    for tab in ("calendar", "categories"):
        page.goto(f"/admin/{tab}")
        expect(page.get_by_role("link", name="下载表格")).to_have_count(1)
        town.accessible()
    secretary = people("demo-village", DESK)
    secretary.page.goto("/")
    secretary.page.get_by_role("link", name="管理").click()
    expect(secretary.page.get_by_role("link", name="邀请一个人")).to_be_visible()
    secretary.page.locator("input[type=file]").set_input_files(
        {
            "name": "list.csv",
            "mimeType": "text/csv",
            "buffer": "姓名,岗位,区域编码\n林新,单元长,3599\n".encode(),
        }
    )
    expect(secretary.page.get_by_role("alert")).to_contain_text("区域的级别与岗位不符")
    secretary.shot("55-people")
    secretary.accessible()
    secretary.page.set_viewport_size(PHONE)
    secretary.fits()
    admin = people("demo-admin", DESK)
    admin.page.goto("/admin/words")
    told = admin.page.locator("li", has_text="已立案").first
    told.get_by_role("button", name="修改").click()
    told.get_by_label("用语").fill("您好，{place}的事已立案：{nummer}")
    told.get_by_role("button", name="启用").click()
    expect(told.get_by_role("alert")).to_contain_text("没有“nummer”这一项")
    told.get_by_label("用语").fill("您好，{place}的事已立案：{number}")
    told.get_by_role("button", name="启用").click()
    expect(admin.page.get_by_text("您好，西天镇 东星社区的事已立案：E2026")).to_be_visible()
    admin.shot("54-words")
    admin.accessible()
    # The desk's call of the test before, or any other street light, is filed and goes where the rule says.
    page.goto("/?category=0204&state=reported")
    page.locator("section.panel ul li button").first.click()
    page.get_by_role("button", name="立案", exact=True).click()
    page.locator("form.card").get_by_role("button", name="立案", exact=True).click()
    expect(page.locator("section.now")).to_contain_text("已立案")
    page.get_by_role("button", name="派遣", exact=True).click()
    form = page.locator("form.card")
    expect(form.get_by_text("建议按规则“路灯归供电”派给荷城区供电公司")).to_be_visible()
    town.shot("53-suggested")
    form.get_by_role("button", name="派遣", exact=True).click()
    expect(page.locator("section.now")).to_contain_text("荷城区供电公司")
    expect(page.locator("section.now")).to_contain_text("按规则“路灯归供电”：类别是路灯不亮")
