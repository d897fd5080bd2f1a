"""A village spends money: too few people, a step sent back, and everybody can read it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE, People
from tests.e2e.test_loop import open_step
from tests.events.makers import a_photo

pytestmark = pytest.mark.browser

PAPER = {"name": "签到表.jpg", "mimeType": "image/jpeg", "buffer": a_photo()}
PDF = {"name": "预算.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF\n"}


def take(page: Page, button: str, **fields: str) -> None:
    """Open a step, fill what it asks for, and take it."""
    open_step(page, button)
    steps = page.get_by_role("region", name="可以做的事")
    for name, value in fields.items():
        control = steps.locator(f"[name={name}]")
        if control.evaluate("one => one.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    if button == "记录会议" and steps.get_by_text("这一步要附材料").count():
        steps.locator("input[type=file]").first.set_input_files([PAPER])
    steps.locator("form").get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text(f"{button}，已记录").last).to_be_visible()


def assembly(page: Page, absent: int) -> None:
    """Tick everybody but some, and see what that means before it is recorded."""
    steps = page.get_by_role("region", name="可以做的事")
    steps.get_by_role("button", name="记录会议", exact=True).click()
    steps.get_by_role("button", name="全选／全不选").click()
    boxes = steps.get_by_role("checkbox")
    for i in range(absent):
        boxes.nth(i).uncheck()


def record(page: Page) -> None:
    steps = page.get_by_role("region", name="可以做的事")
    if steps.get_by_text("这一步要附材料").count():
        steps.locator("input[type=file]").first.set_input_files([PAPER])
    steps.locator("form").get_by_role("button", name="记录会议", exact=True).click()
    expect(page.get_by_text("记录会议，已记录").last).to_be_visible()


def test_a_village_spends_money_with_a_quorum_that_failed_and_a_step_sent_back(
    people: People,
) -> None:
    village, party = people("demo-village", DESK), people("demo-party", DESK)
    centre = people("demo-town", DESK)
    page = village.page
    # Who belongs to the assemblies stands on the wall, and here.
    page.goto("/deliberations")
    page.get_by_role("link", name="应到名册").click()
    for assembly_name, size in (
        ("two_committees", 5),
        ("party_assembly", 9),
        ("villager_rep_assembly", 6),
    ):
        form = page.locator("form", has=page.locator(f"[name={assembly_name}]"))
        form.locator("textarea").fill("\n".join(f"{assembly_name[0]}村民{i}" for i in range(size)))
        form.get_by_role("button", name="保存名册").click()
        expect(page.get_by_text(f"名册已保存，{size} 人").last).to_be_visible()
    village.accessible()
    page.get_by_role("link", name="村级议事").first.click()
    page.get_by_role("button", name="提出议题").click()
    page.locator("[name=title]").fill("村口小桥重建")
    page.locator("[name=amount]").fill("380000")
    page.locator("[name=words]").fill("支出 38 万元重建小桥。")
    page.locator("form input[type=file]").set_input_files([PDF])
    page.locator("form").get_by_role("button", name="提出议题").click()
    expect(page.get_by_role("heading", name="村口小桥重建")).to_be_visible()
    expect(page.get_by_role("link", name="预算.pdf")).to_be_visible()
    path = page.url
    take(page, "提交议事")
    assembly(page, 0)
    expect(page.get_by_text("到会 5 人，应到 5 人，须达 3 人：可以表决")).to_be_visible()
    record(page)
    # The party work area misses where the money comes from.
    party.page.goto("/deliberations")
    party.page.get_by_role("link", name=re.compile("村口小桥重建")).click()
    expect(party.page.get_by_text("现在由镇街调度员办理：党建工作区审核。")).to_be_visible()
    take(party.page, "退回", step="propose", note="没有写资金来源")
    page.reload()
    expect(page.get_by_text("第 2 轮").first).to_be_visible()
    expect(page.get_by_text("没有写资金来源")).to_be_visible()
    village.shot("deliberation-sent-back")
    take(page, "修改议题", words="支出 38 万元重建小桥，资金来自土地流转收入。")
    take(page, "提交议事")
    assembly(page, 0)
    record(page)
    party.page.reload()
    take(party.page, "审核通过", note="已补充来源")
    # Whoever reviewed does not review again: the same person sees why.
    expect(party.page.get_by_text("您审核过前面的一步，这一步要由别人来。")).to_be_visible()
    centre.page.goto(path)
    take(centre.page, "审核通过", note="同意，已盖章")
    page.reload()
    expect(page.get_by_text("已在纸上盖章")).to_be_visible()
    # Five of nine party members are too few, and the page says so before anything is recorded.
    assembly(page, 4)
    expect(page.get_by_text("人数不足，会议无效，要重新开")).to_be_visible()
    village.shot("deliberation-no-quorum")
    record(page)
    expect(page.get_by_role("listitem").filter(has_text="党员大会审议").first).to_contain_text(
        "人数不足"
    )
    assembly(page, 2)
    record(page)
    assembly(page, 0)
    record(page)
    take(page, "公开")
    number = page.locator("header .small").first.inner_text()
    village.fits()
    village.accessible()
    village.shot("deliberation-notice")
    # Everybody reads it, and says what is missing.
    anybody = people(None, PHONE)
    anybody.page.goto("/public")
    anybody.page.get_by_role("link", name=re.compile("村务公开")).click()
    anybody.page.get_by_role("link", name=re.compile("村口小桥重建")).first.click()
    expect(anybody.page.get_by_text(number)).to_be_visible()
    expect(anybody.page.get_by_text("应到 9，到会 7")).to_be_visible()
    anybody.page.locator("[name=words]").fill("路灯也应当一起装上")
    anybody.page.get_by_role("button", name="提交意见").click()
    expect(anybody.page.get_by_text("已收到您的意见")).to_be_visible()
    anybody.fits()
    anybody.accessible()
    anybody.shot("deliberation-public")
    page.reload()
    take(page, "答复意见", note="已列入同一工程")
    expect(page.get_by_text("答复：已列入同一工程")).to_be_visible()
    # It hangs out for its days; until then the step waits, and says for what.
    expect(page.get_by_text("公开期满：公开期还没有满。")).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="议事记录（PDF）").click()
    opened.value.close()
    page.set_viewport_size(PHONE)
    village.fits()
    village.shot("deliberation-phone")
