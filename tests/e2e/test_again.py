"""A part of the page that does not arrive is asked for again, by itself."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.conftest import PHONE, People

pytestmark = pytest.mark.browser


def test_a_part_that_did_not_arrive_is_fetched_again(people: People) -> None:
    head = people("demo-unit", PHONE, service_workers="block")
    lost: list[str] = []

    def lose_twice(route: Route) -> None:
        # The browser asks twice: ahead of need, and when the page imports it.
        if len(lost) == 2:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.abort()

    head.page.route(re.compile(r"/assets/HomeView.*\.js"), lose_twice)
    head.page.goto("/m")
    expect(head.page.locator(".shutter")).to_be_visible(timeout=15_000)
    assert len(lost) == 2


def test_half_an_answer_signs_nobody_out(people: People) -> None:
    head = people("demo-unit", PHONE, service_workers="block")
    # The network dies in the middle of the answer to "who am I".
    head.page.route(re.compile(r"/api/auth/me$"), lambda route: route.fulfill(body='{"name":'))
    head.page.goto("/m")
    expect(head.page.locator(".shutter")).to_be_visible()
    head.page.wait_for_load_state("networkidle")
    assert head.page.url.endswith("/m")
    assert head.page.evaluate("localStorage.getItem('onemap.me')")


def test_an_access_that_ran_out_is_renewed_when_the_page_opens(people: People) -> None:
    head = people("demo-unit", PHONE, service_workers="block")
    head.context.clear_cookies(name="onemap_access")
    with head.page.expect_response(re.compile(r"/api/auth/refresh$")) as renewed:
        head.page.goto("/m")
    assert renewed.value.ok
    expect(head.page.locator(".shutter")).to_be_visible()
    assert head.page.url.endswith("/m")
    # And when there is no session at all any more, it says so.
    head.context.clear_cookies()
    head.page.goto("/m")
    head.page.wait_for_url(re.compile("/sign-in"))
