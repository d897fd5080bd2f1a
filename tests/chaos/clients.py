"""Those who use OneMap while it falls: whoever got no answer sends the same again."""

import http.client
import json
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from backend.seeding.recipe import PASSWORD
from tests.chaos.ledger import Ledger
from tests.chaos.poisoned import POISON
from tests.events.makers import a_photo

SENT_TWICE, POINTS_A_MEETING, CALL_WITHIN_S = 0.3, 6, 30
# Nobody there, busy or away, full: what a client may get at any time, and answers with patience.
WAITS = {0, 503, 507}
WALK = (
    ("demo-village", "file"), ("demo-town", "dispatch"), ("demo-dept", "accept"),
    ("demo-dept", "submit_result"),
)  # fmt: skip
PEOPLE = ("demo-unit", "demo-village", "demo-town", "demo-dept")


@dataclass
class City:
    """Where to call, as whom, about which point; and what was promised."""

    port: int
    ledger: Ledger
    end: float
    lead: str = ""
    village: str = ""
    tokens: dict[str, str] = field(default_factory=dict)
    refreshers: dict[str, str] = field(default_factory=dict)
    point: dict[str, object] = field(default_factory=dict)

    def call(self, method: str, path: str, body: Any = None, who: str = "") -> tuple[int, Any]:
        """One request on a connection of its own; status 0 when nobody answered."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_WITHIN_S)
        headers = {"Content-Type": "application/json"}
        if who:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        data = body if isinstance(body, bytes) else json.dumps(body) if body is not None else None
        try:
            connection.request(method, f"/api{path}", data, headers)
            answer = connection.getresponse()
            words = answer.read()
            return answer.status, json.loads(words) if words else None
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()

    def insist(
        self, method: str, path: str, body: Any = None, who: str = "", also: tuple[int, ...] = ()
    ) -> tuple[int, Any]:
        """Send until there is an answer; (0, None) when the time is over or it may never be."""
        while time.monotonic() < self.end:
            status, answer = self.call(method, path, body, who)
            if status == 507:
                self.ledger.full += 1
            if status in WAITS:
                time.sleep(0.05)
                continue
            if status >= 300 and status not in also:
                self.ledger.refuse(status, path, answer)
                return 0, None
            return status, answer
        self.ledger.refuse(0, path, "never answered")
        return 0, None

    def twice(self, path: str, body: Any, who: str, note: Callable[[Any], None]) -> Any:
        """Send something that has a key, and sometimes once more; each answer is noted."""
        _, answer = self.insist("POST", path, body, who)
        if answer is None:
            return None
        note(answer)
        if random.random() < SENT_TWICE:
            _, again = self.insist("POST", path, body, who)
            if again is not None:
                note(again)
        return answer

    def sign_in(self) -> None:
        """Everybody signs in, once: their sessions must outlive everything."""
        for who in PEOPLE:
            words = {"username": who, "password": PASSWORD, "bearer": True}
            _, me = self.insist("POST", "/auth/sign-in", words)
            self.tokens[who], self.refreshers[who] = me["access"], me["refresh"]
            if who == "demo-village":
                self.village = me["post"]["area_code"]

    def report(self, who: str = "", text: str = "路口积水", phone: str = "") -> Any:
        """Report something, with a key."""
        key = str(uuid4())
        body: dict[str, Any] = {
            "client_id": key, "category": "0201", "text": text, "position": self.point,
        }  # fmt: skip
        if phone:
            body["contact"] = {"name": "林伯", "phone": phone}
        path = "/events" if who else "/public/events"
        promise = self.ledger.promise
        return self.twice(path, body, who, lambda a: promise(self.ledger.reports, key, a["id"]))

    def step(self, event_id: str, who: str, action: str, **more: Any) -> Any:
        """Take one step of an event, with a key."""
        body = {"client_id": str(uuid4()), "action": action, "note": "因为", **more}
        promise, key = self.ledger.promise, (event_id, action)
        return self.twice(
            f"/events/{event_id}/steps", body, who,
            lambda a: promise(self.ledger.steps, key, a["state"]),
        )  # fmt: skip

    def photo(self, who: str) -> str:
        """Send a photo until it is taken."""
        _, taken = self.insist("POST", "/media", a_photo(), who)
        if taken is None:
            return ""
        self.ledger.photos.append(taken["id"])
        return str(taken["id"])


def reporting(city: City, work: Iterator[int]) -> None:
    """Report until the work is done; the first few reports are poison."""
    for n in work:
        city.report("demo-unit", POISON if n in (40, 400) else "路口积水")


def walking(city: City, work: Iterator[int]) -> None:
    """Bring strangers' reports from the report to its result, step by step."""
    for n in work:
        event = city.report(phone=f"138{n:08d}")
        if event is None:
            continue
        for who, action in WALK:
            more: dict[str, Any] = {"closing": True}
            if action == "dispatch":
                more["organization_id"] = city.lead
            if action == "submit_result":
                more["photos"] = [city.photo(who)]
            if city.step(event["id"], who, action, **more) is None:
                break


def merging(city: City, work: Iterator[int]) -> None:
    """Merge two reports into each other at once."""
    for _ in work:
        one, other = city.report("demo-unit"), city.report("demo-unit")
        if one is None or other is None:
            continue
        together = threading.Barrier(2)

        def merge(event: Any, master: Any, together: threading.Barrier = together) -> None:
            body = {
                "client_id": str(uuid4()), "action": "merge", "master": master["event_no"],
            }  # fmt: skip
            together.wait()
            path = f"/events/{event['id']}/steps"
            status, _ = city.insist("POST", path, body, "demo-town", also=(409, 422))
            if status == 201:
                city.ledger.promise(city.ledger.steps, (event["id"], "merge"), "merged")

        _at_once(merge, [(one, other), (other, one)])
        city.ledger.pairs.append((one["id"], other["id"]))


def meeting(city: City, work: Iterator[int]) -> None:
    """Hold meetings that are ended while others still decide on their points."""
    for _ in work:
        events = [city.report("demo-unit") for _ in range(POINTS_A_MEETING)]
        if None in events:
            continue
        keys = [event["id"] for event in events]
        for key in keys:
            city.step(key, "demo-village", "put_on_agenda")
        starts = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        body = {"client_id": str(uuid4()), "area_code": city.village, "starts_at": starts}
        _, review = city.insist("POST", "/reviews", body, "demo-village")
        if review is None:
            continue
        path = f"/reviews/{review['id']}"
        city.insist("POST", f"{path}/open", None, "demo-village", also=(409,))
        for key in keys:
            body = {"event_id": key}
            city.insist("POST", f"{path}/entries", body, "demo-village", also=(409,))
        _, review = city.insist("GET", path, None, "demo-village")
        if review is None:
            continue
        points = {e["event_id"]: e["id"] for e in review["entries"] if e["event_id"] in keys}
        together = threading.Barrier(len(points) + 1)

        def decide(
            key: str,
            entry: str,
            path: str = path,
            review_id: str = review["id"],
            together: threading.Barrier = together,
        ) -> None:
            if key:
                words = {"decision": "file", "condition": "a", "note": "按会议决定"}
                together.wait()
                to = f"{path}/entries/{entry}/decision"
                status, _ = city.insist("POST", to, words, "demo-village", also=(409,))
                city.ledger.decided[review_id, key] = status == 200
            else:
                together.wait()
                time.sleep(random.random() / 4)
                city.insist("POST", f"{path}/end", None, "demo-village", also=(409,))

        _at_once(decide, [*points.items(), ("", "")])
        city.ledger.meetings.append(review["id"])


def _at_once(work: Callable[..., None], many: list[tuple[Any, Any]]) -> None:
    threads = [threading.Thread(target=work, args=one) for one in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Shared:
    """Numbers that several threads take, each once."""

    def __init__(self, most: int) -> None:
        self._numbers, self._lock = iter(range(most)), threading.Lock()

    def __iter__(self) -> Iterator[int]:
        while True:
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                return
            yield number
