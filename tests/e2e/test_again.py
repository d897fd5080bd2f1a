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
