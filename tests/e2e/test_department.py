"""Work offered to several, claimed by one, and given to somebody inside, in the browser."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import DESK, PHONE, People
from tests.e2e.test_loop import act, settled

pytestmark = pytest.mark.browser

WORDS = "河岸栏杆断了一截"


def test_claimed_from_the_pool_and_given_to_a_team(people: People) -> None:
    town = people("demo-town", DESK)
    town.page.goto("/")
    category = town.page.evaluate(
        "fetch('/api/categories').then(a => a.json()).then(all => all.find(c => c.code === '0203').code)"
    )
    body = {
        "client_id": str(uuid4()), "text": WORDS, "category": category, "source": "resident",
        "area_code": None,
    }  # fmt: skip
    # The desk takes it down at its own area; the town files it.
    sent = town.page.evaluate(
        """async body => {
            const me = await (await fetch('/api/auth/me')).json()
            const page = await (await fetch('/api/areas/' + me.post.area_code)).json()
            const answer = await fetch('/api/intake/reports', {
                method: 'POST', headers: {'Content-Type': 'application/json'},
                body: JSON.stringify({...body, area_code: page.children[0].code}),
            })
            return answer.json()
        }""",
        body,
    )
    town.page.goto(f"/events/{sent['id']}")
    act(town.page, "立案", note="")
    town.page.get_by_role("button", name="放入认领池", exact=True).click()
    form = town.page.locator("form.card")
    expect(form.get_by_role("button", name="放入认领池")).to_be_disabled()
    form.get_by_label("西天镇城建办").check()
    form.get_by_label("荷城区水务局").check()
    form.get_by_role("button", name="放入认领池").click()
    settled(town.page, "等可承办的单位认领")
    town.shot("60-offered")

    clerk = people("demo-dept", DESK)
    clerk.page.goto("/admin/department")
    clerk.page.get_by_label("新班组").fill("道路养护班")
    clerk.page.get_by_role("button", name="添加").click()
    expect(clerk.page.locator("main")).to_contain_text("道路养护班")
    clerk.accessible()
    clerk.shot("61-department")
    clerk.page.goto("/queue/pool")
    clerk.page.get_by_role("button", name=re.compile(WORDS)).click()
    act(clerk.page, "认领")
    settled(clerk.page, "西天镇城建办")
    act(clerk.page, "指派经办", fill={"由谁来办": "道路养护班（班组）"})
    settled(clerk.page, "道路养护班")
    # Stages of its limit stand beside it.
    settled(clerk.page, "设置警示围挡")
    clerk.shot("62-claimed")
    clerk.accessible()

    phone = people("demo-dept", PHONE)
    phone.page.goto("/admin/department")
    expect(phone.page.locator("main")).to_contain_text("道路养护班")
    phone.fits()
