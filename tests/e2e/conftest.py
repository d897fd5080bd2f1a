"""A running OneMap of its own for the browser: real processes, real sockets, real Chromium."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from backend.embedded.place import REPOSITORY
from backend.seeding.recipe import PASSWORD

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# Screenshots are kept for people to look at when a folder is named.
SHOTS = os.environ.get("ONEMAP_SCREENSHOTS")
AXE = REPOSITORY / "web" / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of a fresh demo town without events."""
    with tempfile.TemporaryDirectory(prefix="onemap-e2e-") as folder:
        Path(folder).chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ONEMAP_")}
        environment |= {"ONEMAP_VAR": f"{folder}/v", "ONEMAP_DEMO_EVENTS": "12"}
        process = subprocess.Popen(
            [sys.executable, "-m", "backend", "up", "--port", str(port)],
            cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(process, url)
            yield url
        finally:
            process.terminate()
            process.wait(60)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + 240
    while time.monotonic() < end:
        assert process.poll() is None, process.stdout and process.stdout.read()
        try:
            with urllib.request.urlopen(f"{url}/api/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the site did not become ready")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


# When every movement that ends has ended: what is still fading in has no contrast yet.
STILL = (
    "Promise.all(document.getAnimations()"
    ".filter(a => a.effect.getComputedTiming().iterations !== Infinity)"
    ".map(a => a.finished.catch(() => undefined)))"
)
# ... and letters are there, and pictures, and what they changed is drawn.
DRAWN = """Promise.all([document.fonts.ready, ...[...document.images]
    .filter(i => i.loading !== 'lazy').map(i => i.decode().catch(() => undefined))])
    .then(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))"""
# These go on for as long as the page is open.
STREAMS = ("eventsource", "websocket")


@dataclass
class Person:
    """Somebody at a screen of their own."""

    context: BrowserContext
    page: Page
    foreign: list[str] = field(default_factory=list)
    asking: list[Request] = field(default_factory=list)

    def watch(self) -> None:
        """Keep what the page waits for."""
        self.page.on("request", lambda request: self.asking.append(request))
        for over in ("requestfinished", "requestfailed"):
            self.page.on(over, self._answered)  # type: ignore[call-overload]

    def _answered(self, request: Request) -> None:
        if request in self.asking:
            self.asking.remove(request)

    def settled(self) -> None:
        """Wait until what the page asked for is there and drawn, and nothing moves."""
        while asked := [one for one in self.asking if one.resource_type not in STREAMS]:
            response = asked[0].response()
            if response is not None:
                response.finished()
            self._answered(asked[0])
        self.page.evaluate(DRAWN)
        self.page.evaluate(STILL)

    def shot(self, name: str) -> None:
        """Keep a screenshot, when somebody wants to look at it."""
        if SHOTS:
            self.settled()
            self.page.screenshot(path=f"{SHOTS}/{name}.png")

    def fits(self) -> None:
        """No sideways scroll."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide"

    def accessible(self) -> None:
        """axe finds nothing serious, and the page has one title."""
        self.page.evaluate(STILL)
        titles = self.page.locator("h1").all_inner_texts()
        assert len(titles) == 1, f"{self.page.url}: {titles}"
        # The page's own policy forbids foreign scripts; axe comes in through the debugger.
        self.page.evaluate(AXE.read_text("utf-8"))
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave = [
            (v["id"], [n["target"] for n in v["nodes"]][:3])
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]
        assert grave == [], f"{self.page.url}: {grave}"


class People:
    """Opens screens for people; signs in through the page, as they would."""

    def __init__(self, browser: Browser, site: str) -> None:
        self._browser = browser
        self._site = site
        self._open: list[Person] = []

    def __call__(self, username: str | None, size: dict[str, int], **options: object) -> Person:
        context = self._browser.new_context(
            viewport=size,
            locale="zh-CN",
            base_url=self._site,
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        person = Person(context, page)
        person.watch()
        page.on(
            "request",
            lambda r: (
                None
                if r.url.startswith((self._site, "data:", "blob:"))
                else person.foreign.append(r.url)
            ),
        )
        self._open.append(person)
        if username:
            page.goto("/sign-in")
            page.get_by_label("用户名").fill(username)
            page.get_by_label("密码").fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return person

    def close(self) -> None:
        """Shut every screen; no page may have asked anybody but us for anything."""
        for person in self._open:
            assert person.foreign == []
            person.context.close()


@pytest.fixture
def people(browser: Browser, site: str) -> Iterator[People]:
    """Whoever is needed."""
    opened = People(browser, site)
    yield opened
    opened.close()
