"""One plot reported again and again becomes a development, and the reports stop: four windows."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend.seeding.pictures import street
from tests.days import CHINA
from tests.e2e.conftest import DESK, PHONE, People
from tests.e2e.test_loop import act

pytestmark = pytest.mark.browser

TITLE = "空地改建健身角"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "photo.jpg"
    file.write_bytes(street("0101", 2))
    return file


def test_the_plot_becomes_a_development(people: People, photo: Path) -> None:
    soon = (datetime.now(CHINA).date() + timedelta(days=200)).isoformat()
    secretary = people("demo-village", DESK)
    secretary.page.goto("/hot-spots")
    # The demo's plot was reported fourteen times within the year.
    secretary.page.locator("button.line", has_text="垃圾堆积").click()
    detail = secretary.page.locator(".detail")
    expect(detail).to_contain_text("一年内上报 14 次")
    expect(detail.locator(".month")).not_to_have_count(0)
    secretary.accessible()
    secretary.shot("80-hot-spot")
    detail.get_by_label("根子在哪里").fill("建设用地长期闲置")
    detail.get_by_role("button", name="记下成因").click()
    detail.get_by_role("button", name="列入清单").click()
    form = secretary.page.locator("form.card")
    form.get_by_label("叫什么").fill(TITLE)
    expect(form.get_by_label("成因")).to_have_value("建设用地长期闲置")
    form.get_by_role("button", name="列入清单").click()
    secretary.page.wait_for_url(re.compile("/items/"))
    expect(secretary.page.locator(".thread")).to_contain_text("14 件上报")
    item = secretary.page.url

    clerk = people("demo-dept", DESK)
    clerk.page.goto("/lists/development?claimable=1")
    clerk.page.get_by_role("link", name=re.compile(TITLE)).click()
    act(clerk.page, "认领", fill={"什么时候办好": soon})
    secretary.page.goto(item)
    act(
        secretary.page, "申请资金", note="后期扶持",
        fill={"向哪个单位申请": "西天镇城建办", "金额（元）": "800000", "资金渠道": "水库后期项目扶持资金"},
    )  # fmt: skip
    expect(secretary.page.locator(".thread")).to_contain_text("已申请")
    clerk.page.goto(item)
    act(clerk.page, "受理申请")
    act(clerk.page, "批准资金", note="同意")
    act(clerk.page, "拨付")
    act(clerk.page, "启动", note="平整场地")
    act(clerk.page, "报进展", note="跑道已铺", photo=photo)
    clerk.accessible()
    clerk.shot("81-item")

    town = people("demo-town", DESK)
    town.page.goto("/lists/development?view=table")
    expect(town.page.get_by_role("row", name=re.compile(TITLE))).to_contain_text("推进中")
    town.accessible()
    town.shot("82-table")

    secretary.page.goto(item)
    act(secretary.page, "确认完成", note="村民代表看过，开放使用", photo=photo)
    expect(secretary.page.locator("main header")).to_contain_text("已完成")
    secretary.page.get_by_role("link", name="看这个地方").click()
    expect(secretary.page.locator(".detail")).to_contain_text("办完以后没有再上报")
    secretary.shot("83-after")

    phone = people("demo-village", PHONE)
    phone.page.goto(item)
    expect(phone.page.locator("h1")).to_contain_text(TITLE)
    phone.fits()
    phone.accessible()
    phone.page.goto("/lists/problem")
    phone.fits()
    phone.shot("84-phone")
