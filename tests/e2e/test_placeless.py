"""An address alone, from a stranger's phone to the village that judges it."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESK, PHONE, People

pytestmark = pytest.mark.browser

WORDS = "水管爆了，水流到路上"


def test_an_address_alone_is_placed_with_one_press(people: People) -> None:
    phone = people(None, PHONE)
    page = phone.page
    page.goto("/public")
    page.locator("select[name=category]").select_option("0201")
    page.locator("textarea[name=words]").fill(WORDS)
    # Nothing is said of where: the button says so, and short lists help.
    expect(page.get_by_role("button", name="还差：在哪里")).to_be_disabled()
    expect(page.get_by_label("村社区")).to_be_visible()
    page.get_by_label("在哪里（地址或标志物）").fill("东星社区旁边的老桥头")
    expect(page.get_by_role("group", name=re.compile("地址说的是不是这里"))).to_contain_text(
        "因为“东星社区”"
    )
    phone.fits()
    phone.accessible()
    phone.shot("60-public-address")
    # The stranger presses no proposal: it goes to the city, and the receipt says that.
    page.get_by_role("button", name="上 报").click()
    receipt = page.get_by_role("status").filter(has_text="收到了")
    expect(receipt).to_contain_text("正在由市级受理中心确认地点")
    phone.shot("61-public-receipt")
    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("正在由市级受理中心确认地点")

    city = people("demo-city", DESK)
    desk = city.page
    desk.goto("/")
    link = desk.get_by_role("link", name=re.compile("还没有地点"))
    # Other stories may have left some: this one is one of them.
    expect(link.locator("strong")).to_have_text(re.compile(r"[1-9]"))
    waiting = int(link.locator("strong").inner_text())
    link.click()
    desk.get_by_role("button", name=re.compile(WORDS)).click()
    desk.get_by_role("button", name="核对位置").click()
    city.shot("62-place-proposals")
    city.accessible()
    desk.get_by_role("button", name=re.compile("东星社区")).click()
    expect(desk.get_by_role("button", name=re.compile(WORDS))).to_have_count(0)
    left = str(waiting - 1) if waiting > 1 else ""
    # The number beside the queue goes with the row: nobody looks for what is placed already.
    expect(link).to_have_text(re.compile(rf"^\s*还没有地点\s*{left}\s*$"))

    page.get_by_role("button", name="查看", exact=True).click()
    expect(page.get_by_role("article")).to_contain_text("已经收到，等待村社区研判。")
    expect(page.get_by_role("article")).to_contain_text("西天镇 东星社区")
    phone.shot("63-public-followed")
