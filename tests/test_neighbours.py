"""Every route, called with a neighbour's ids: nothing can be seen, guessed or touched.

A route without a case here fails the first test. A case says who calls, with what, and what must
come back; `HIDDEN` are strings that only the neighbour's own things contain.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.db import unit_of_work
from backend.core.permissions import every_route
from backend.matters.deliberations.procedures import Assembly
from backend.matters.deliberations.schemas import DeliberationIn
from backend.matters.deliberations.service import proposing as motions
from backend.matters.deliberations.service import rolls
from backend.matters.events import queries
from backend.matters.events.models import Event
from backend.matters.lists.models import HotSpot
from backend.matters.reviews import queries as review_queries
from backend.matters.reviews import service as meetings
from backend.matters.reviews.schemas import ReviewIn
from backend.registers.assets import register
from backend.registers.assets.queries import Kind
from tests.conftest import Town
from tests.events.makers import a_photo, a_report
from tests.items.makers import proposed
from tests.owner import owner

WORDS = "只有邻村知道的事"


@dataclass(frozen=True)
class Theirs:
    """What belongs to the first village; the callers come from the second."""

    event: str
    number: str
    photo: str
    village: str
    unit: str
    account: str
    post: str
    item: str
    spot: str
    review: str
    entry: str
    motion: str
    place: tuple[float, float]


def step(**changes: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "action": "file", "note": "x"} | changes


NONE, OPEN = "none", "open"


def cases(their: Theirs) -> dict[str, tuple[str, str, Any, set[int]]]:
    """By route: the path to call, the caller ("none": nobody signed in), the body, the answers."""
    e, lon, lat = their.event, *their.place
    near = f"?lon={lon}&lat={lat}&radius_m=500"
    nobody = f"/api/public/events/{their.number}"
    invite = {"username": "x", "name": "x", "role": "unit_head", "area_code": their.unit}
    upload = {"photos": [their.photo], "category": "0201", "client_id": str(uuid4()), "text": "x"}
    return {
        "GET /api/health": ("/api/health", NONE, None, {200}),
        "GET /api/ready": ("/api/ready", NONE, None, {200}),
        "GET /api/running": ("/api/running", "secretary", None, {403}),
        "POST /api/running/facts/{county_code}/{fact_id}/again": (f"/api/running/facts/359902/{uuid4()}/again", "secretary", {}, {403}),
        "POST /api/running/messages/again": ("/api/running/messages/again", "secretary", {"channel": "sms", "error": "x"}, {403}),
        "POST /api/auth/sign-in": ("/api/auth/sign-in", NONE, {"username": "demo-village", "password": "x"}, {401}),
        "POST /api/auth/refresh": ("/api/auth/refresh", NONE, {"refresh": f"{uuid4()}.x"}, {401}),
        "POST /api/auth/sign-out": ("/api/auth/sign-out", NONE, {"refresh": f"{uuid4()}.x"}, {204}),
        "POST /api/auth/post": ("/api/auth/post", "secretary", {"post_id": str(uuid4()), "refresh": "x"}, {401, 404}),
        "GET /api/auth/me": ("/api/auth/me", "secretary", None, {200}),
        "PUT /api/auth/me/mail": ("/api/auth/me/mail", "secretary", {"mail": ""}, {204}),
        "PUT /api/auth/me/password": ("/api/auth/me/password", "secretary", {"old": "x", "new": "three unrelated lanterns"}, {403}),
        "GET /api/auth/sessions": ("/api/auth/sessions", "secretary", None, {200}),
        "DELETE /api/auth/sessions/{session_id}": (f"/api/auth/sessions/{uuid4()}", "secretary", None, {404}),
        "POST /api/auth/sessions/end-others": ("/api/auth/sessions/end-others", "secretary", None, {200}),
        "GET /api/auth/demo": ("/api/auth/demo", NONE, None, {200}),
        "POST /api/auth/invitation": ("/api/auth/invitation", NONE, {"secret": "x", "password": "long enough x"}, {404}),
        "POST /api/accounts": ("/api/accounts", "secretary", invite, {403}),
        "GET /api/accounts/{account_id}/sessions": (f"/api/accounts/{their.account}/sessions", "secretary", None, {404}),
        "POST /api/accounts/{account_id}/sessions/end": (f"/api/accounts/{their.account}/sessions/end", "secretary", {}, {404}),
        "DELETE /api/accounts/{account_id}/sessions/{session_id}": (f"/api/accounts/{their.account}/sessions/{uuid4()}", "secretary", None, {404}),
        "POST /api/accounts/{account_id}/disable": (f"/api/accounts/{their.account}/disable", "secretary", {"reason": "nobody knows"}, {403}),
        "POST /api/accounts/{account_id}/enable": (f"/api/accounts/{their.account}/enable", "secretary", {"reason": "nobody knows"}, {403}),
        "POST /api/accounts/{account_id}/invitations": (f"/api/accounts/{their.account}/invitations", "secretary", {}, {404}),
        "GET /api/assets": ("/api/assets?q=NB-1", "secretary", None, {200}),
        "GET /api/assets/sheet": ("/api/assets/sheet", "secretary", None, {200}),
        "POST /api/assets/sheet": ("/api/assets/sheet", "secretary", b"x", {403}),
        "GET /api/staff": (f"/api/staff?q={WORDS}", "secretary", None, {200}),
        "POST /api/posts/{post_id}/end": (f"/api/posts/{their.post}/end", "secretary", {}, {404}),
        "POST /api/staff/roster": ("/api/staff/roster", "secretary", f"姓名,岗位,区域编码\n甲,单元长,{their.unit}\n".encode(), {200}),
        "GET /api/department": ("/api/department", "secretary", None, {404}),
        "POST /api/department/teams": ("/api/department/teams", "secretary", {"name": "x"}, {404}),
        "DELETE /api/department/teams/{team_id}": (f"/api/department/teams/{uuid4()}", "secretary", None, {404}),
        "PUT /api/department/people/{account_id}/team": (f"/api/department/people/{their.account}/team", "secretary", {"team_id": None}, {404}),
        "POST /api/department/leaves": ("/api/department/leaves", "secretary", {"account_id": their.account, "deputy_id": str(uuid4()), "first_day": "2026-11-20", "last_day": "2026-11-21"}, {404}),
        "DELETE /api/department/leaves/{leave_id}": (f"/api/department/leaves/{uuid4()}", "secretary", None, {404}),
        "GET /api/audit/entries": ("/api/audit/entries", "secretary", None, {403}),
        "GET /api/audit/looks": ("/api/audit/looks", "secretary", None, {403}),
        "GET /api/areas/locate": (f"/api/areas/locate?lon={lon}&lat={lat}&crs=WGS84", NONE, None, {200}),
        "GET /api/areas/{code}": (f"/api/areas/{their.village}", "secretary", None, {200}),
        "POST /api/areas/import": ("/api/areas/import?kind=.csv&crs=WGS84", "secretary", b"code,name", {403}),
        "GET /api/organizations": (f"/api/organizations?area={their.village}", "secretary", None, {200}),
        "POST /api/organizations": ("/api/organizations", "secretary", {}, {403}),
        "PUT /api/organizations/{organization_id}": (f"/api/organizations/{uuid4()}", "secretary", {}, {403}),
        "DELETE /api/organizations/{organization_id}": (f"/api/organizations/{uuid4()}", "secretary", None, {403}),
        "GET /api/categories": ("/api/categories", NONE, None, {200}),
        "GET /api/categories/schemes": ("/api/categories/schemes", "secretary", None, {200}),
        "GET /api/categories/schemes/{version}.xlsx": ("/api/categories/schemes/1.xlsx", "secretary", None, {200}),
        "POST /api/categories/schemes": ("/api/categories/schemes", "secretary", b"x", {403}),
        "GET /api/calendar": ("/api/calendar", "secretary", None, {200}),
        "PUT /api/calendar": ("/api/calendar", "secretary", {"hours": [["08:00", "12:00"]], "days": []}, {403}),
        "GET /api/calendar/due": ("/api/calendar/due?limit=work_day&amount=1&start=2026-11-20T00:00:00Z", "secretary", None, {200}),
        "GET /api/calendar/days.xlsx": ("/api/calendar/days.xlsx", "secretary", None, {200}),
        "POST /api/calendar/days": ("/api/calendar/days", "secretary", b"x", {403}),
        "POST /api/events": ("/api/events", "secretary", upload, {422}),
        "GET /api/events": (f"/api/events?area={their.village}&number={their.number}", "secretary", None, {200}),
        "GET /api/events/points": (f"/api/events/points?area={their.village}", "secretary", None, {200}),
        "GET /api/events/near": (f"/api/events/near{near}", "secretary", None, {200}),
        "GET /api/events/{event_id}": (f"/api/events/{e}", "secretary", None, {404}),
        "POST /api/events/{event_id}/steps": (f"/api/events/{e}/steps", "secretary", step(), {404}),
        "GET /api/events/{event_id}/routing": (f"/api/events/{e}/routing", "secretary", None, {404}),
        "GET /api/routing/rules": (f"/api/routing/rules?area={their.village}", "secretary", None, {403}),
        "POST /api/routing/rules": ("/api/routing/rules", "secretary", {}, {403}),
        "DELETE /api/routing/rules/{rule_id}": (f"/api/routing/rules/{uuid4()}", "secretary", None, {403}),
        "GET /api/routing/trial": (f"/api/routing/trial?area={their.village}", "secretary", None, {403}),
        "POST /api/routing/trial": ("/api/routing/trial", "secretary", {}, {403}),
        "POST /api/events/{event_id}/contact": (f"/api/events/{e}/contact", "secretary", {"reason": "想看一看"}, {404}),
        "POST /api/public/events": ("/api/public/events", NONE, upload, {422}),
        "POST /api/public/events/{number}/open": (f"{nobody}/open", NONE, {"code": "AAAAAAAA"}, {404}),
        "POST /api/public/events/{number}/steps": (f"{nobody}/steps", NONE, {"code": "AAAAAAAA", "step": step()}, {404}),
        "GET /api/items": (f"/api/items?area={their.village}&size=200", "secretary", None, {200}),
        "GET /api/items.xlsx": (f"/api/items.xlsx?area={their.village}", "secretary", None, {200}),
        "POST /api/items": ("/api/items", "secretary", {"client_id": str(uuid4()), "kind": "problem", "title": "xx", "area_code": their.unit}, {403}),
        "GET /api/items/{item_id}": (f"/api/items/{their.item}", "secretary", None, {404}),
        "POST /api/items/{item_id}/steps": (f"/api/items/{their.item}/steps", "secretary", {"client_id": str(uuid4()), "action": "comment", "note": "x"}, {404}),
        "GET /api/reviews": ("/api/reviews", "secretary", None, {200}),
        "POST /api/reviews": ("/api/reviews", "secretary", {"client_id": str(uuid4()), "area_code": their.village, "starts_at": "2026-11-21T08:00:00Z"}, {403}),
        "POST /api/reviews/join": ("/api/reviews/join", "secretary", {"code": "000000"}, {404}),
        "GET /api/deliberations.xlsx": ("/api/deliberations.xlsx", "secretary", None, {200}),
        "GET /api/hot-spots.xlsx": (f"/api/hot-spots.xlsx?area={their.village}", "secretary", None, {200}),
        "GET /api/indicators/year.xlsx": (f"/api/indicators/year.xlsx?area={their.village}&year=2026", "secretary", None, {404}),
        "GET /api/procedures": ("/api/procedures", "secretary", None, {200}),
        "POST /api/procedures": ("/api/procedures", "secretary", {}, {403}),
        "DELETE /api/procedures/{code}": ("/api/procedures/five_step", "secretary", None, {403}),
        "GET /api/deliberations": (f"/api/deliberations?area={their.village}&q={WORDS}", "secretary", None, {200}),
        "POST /api/deliberations": ("/api/deliberations", "secretary", {"client_id": str(uuid4()), "area_code": their.village, "procedure": "five_step", "title": "xx", "matter": "spend", "words": "xxxxx"}, {403}),
        "GET /api/deliberations/{deliberation_id}": (f"/api/deliberations/{their.motion}", "secretary", None, {404}),
        "POST /api/deliberations/{deliberation_id}/steps": (f"/api/deliberations/{their.motion}/steps", "secretary", {"client_id": str(uuid4()), "action": "withdraw", "note": "x"}, {404}),
        "GET /api/deliberations/{deliberation_id}/record.pdf": (f"/api/deliberations/{their.motion}/record.pdf", "secretary", None, {404}),
        "GET /api/rolls": (f"/api/rolls?area={their.village}", "secretary", None, {403}),
        "PUT /api/rolls/{assembly}": (f"/api/rolls/branch?area={their.village}", "secretary", {"names": []}, {403}),
        "GET /api/public/notices": ("/api/public/notices", NONE, None, {200}),
        "GET /api/public/notices/{number}": ("/api/public/notices/V1", NONE, None, {404}),
        "POST /api/public/notices/{number}/objections": ("/api/public/notices/V1/objections", NONE, {"words": "xxxxx"}, {404}),
        "POST /api/media/documents": ("/api/media/documents?name=x", "secretary", b"x", {422}),
        "GET /api/media/{media_id}/document": (f"/api/media/{their.photo}/document", "secretary", None, {404}),
        "GET /api/reviews/patterns": ("/api/reviews/patterns", "secretary", None, {200}),
        "POST /api/reviews/patterns": ("/api/reviews/patterns", "secretary", {"area_code": their.village, "rhythm": "daily", "at": "09:00"}, {403}),
        "DELETE /api/reviews/patterns/{pattern_id}": (f"/api/reviews/patterns/{uuid4()}", "secretary", None, {404}),
        "DELETE /api/reviews/{review_id}": (f"/api/reviews/{their.review}", "secretary", None, {404}),
        "GET /api/reviews/{review_id}/sheet": (f"/api/reviews/{their.review}/sheet", "secretary", None, {404}),
        "GET /api/reviews/{review_id}/code.svg": (f"/api/reviews/{their.review}/code.svg", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/entries/within": (f"/api/reviews/{their.review}/entries/within", "secretary", {"geometry": {"type": "Point", "coordinates": [119, 25]}, "crs": "WGS84"}, {404}),
        "PUT /api/reviews/{review_id}/entries/{entry_id}/vote-needed": (f"/api/reviews/{their.review}/entries/{their.entry}/vote-needed", "secretary", {"needed": True}, {404}),
        "GET /api/reviews/{review_id}": (f"/api/reviews/{their.review}", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/open": (f"/api/reviews/{their.review}/open", "secretary", None, {404}),
        "GET /api/reviews/{review_id}/ending": (f"/api/reviews/{their.review}/ending", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/restore": (f"/api/reviews/{their.review}/restore", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/entries/{entry_id}/restore": (f"/api/reviews/{their.review}/entries/{their.entry}/restore", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/end": (f"/api/reviews/{their.review}/end", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/present": (f"/api/reviews/{their.review}/present", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/view": (f"/api/reviews/{their.review}/view", "secretary", {"lon": 1, "lat": 1, "zoom": 1}, {404}),
        "POST /api/reviews/{review_id}/people": (f"/api/reviews/{their.review}/people", "secretary", {"name": "x"}, {404}),
        "POST /api/reviews/{review_id}/entries": (f"/api/reviews/{their.review}/entries", "secretary", {"event_id": e}, {404}),
        "GET /api/reviews/{review_id}/entries/{entry_id}": (f"/api/reviews/{their.review}/entries/{their.entry}", "secretary", None, {404}),
        "DELETE /api/reviews/{review_id}/entries/{entry_id}": (f"/api/reviews/{their.review}/entries/{their.entry}", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/entries/{entry_id}/move": (f"/api/reviews/{their.review}/entries/{their.entry}/move", "secretary", {"after": None}, {404}),
        "POST /api/reviews/{review_id}/entries/{entry_id}/show": (f"/api/reviews/{their.review}/entries/{their.entry}/show", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/entries/{entry_id}/decision": (f"/api/reviews/{their.review}/entries/{their.entry}/decision", "secretary", {"decision": "put_off", "note": "x"}, {404}),
        "DELETE /api/reviews/{review_id}/entries/{entry_id}/decision": (f"/api/reviews/{their.review}/entries/{their.entry}/decision", "secretary", None, {404}),
        "POST /api/reviews/{review_id}/entries/{entry_id}/remarks": (f"/api/reviews/{their.review}/entries/{their.entry}/remarks", "secretary", {"text": "x"}, {404}),
        "PUT /api/reviews/{review_id}/entries/{entry_id}/vote": (f"/api/reviews/{their.review}/entries/{their.entry}/vote", "secretary", {"choice": "yes"}, {404}),
        "GET /api/reviews/{review_id}/photos/{media_id}/{size}.jpg": (f"/api/reviews/{their.review}/photos/{their.photo}/full.jpg", "secretary", None, {404}),
        "GET /api/reviews/{review_id}/minutes.pdf": (f"/api/reviews/{their.review}/minutes.pdf", "secretary", None, {404}),
        "GET /api/reviews/{review_id}/live": (f"/api/reviews/{their.review}/live", "secretary", None, {404}),
        "GET /api/hot-spots": (f"/api/hot-spots?area={their.village}", "secretary", None, {200}),
        "GET /api/hot-spots/{spot_id}": (f"/api/hot-spots/{their.spot}", "secretary", None, {404}),
        "PUT /api/hot-spots/{spot_id}/cause": (f"/api/hot-spots/{their.spot}/cause", "secretary", {"cause": "x"}, {404}),
        "POST /api/intake/reports": ("/api/intake/reports", "secretary", {}, {422}),
        "POST /api/intake/caller": ("/api/intake/caller", "secretary", {"phone": "13800001234", "occasion": "other"}, {200}),
        "GET /api/intake/categories": (f"/api/intake/categories?text={WORDS}", "secretary", None, {200}),
        "GET /api/public/near": (f"/api/public/near?lon={lon}&lat={lat}&crs=WGS84", NONE, None, {200}),
        "GET /api/public/settings": ("/api/public/settings", NONE, None, {200}),
        "GET /api/public/areas": ("/api/public/areas", NONE, None, {200}),
        "POST /api/public/places": ("/api/public/places", NONE, {"address": "x"}, {200}),
        "POST /api/intake/places": ("/api/intake/places", "secretary", {"address": "x"}, {200}),
        "GET /api/intake/placeless": ("/api/intake/placeless", "secretary", None, {200}),
        "GET /api/events/{event_id}/places": (f"/api/events/{e}/places", "secretary", None, {404}),
        "POST /api/public/phone-codes": ("/api/public/phone-codes", NONE, {"phone": "13900000000"}, {204}),
        "POST /api/media": ("/api/media", NONE, b"x", {422}),
        "GET /api/media/{media_id}/{size}.jpg": (f"/api/media/{their.photo}/full.jpg", "secretary", None, {404}),
        "GET /api/notices": ("/api/notices", "secretary", None, {200}),
        "POST /api/notices/read": ("/api/notices/read", "secretary", {}, {204}),
        "GET /api/notices/templates": ("/api/notices/templates", "secretary", None, {403}),
        "POST /api/notices/templates/preview": ("/api/notices/templates/preview", "secretary", {"words": "x"}, {403}),
        "PUT /api/notices/templates/{about}": ("/api/notices/templates/told.file", "secretary", {"words": "x"}, {403}),
        "GET /api/notices/messages": (f"/api/notices/messages?event={e}", "secretary", None, {200}),
        "GET /api/indicators": (f"/api/indicators?area={their.village}", "secretary", None, {404}),
        "GET /api/indicators/rates": (f"/api/indicators/rates?area={their.village}&month=2026-11", "secretary", None, {404}),
        "GET /api/indicators/response": (f"/api/indicators/response?area={their.village}&month=2026-11", "secretary", None, {404}),
        "GET /api/indicators/year": (f"/api/indicators/year?area={their.village}&year=2026", "secretary", None, {404}),
        "GET /api/events/{event_id}/audit": (f"/api/events/{e}/audit", "secretary", None, {403}),
        "GET /tiles/{layer}.json": ("/tiles/events.json", "secretary", None, {200}),
        "GET /tiles/{layer}/{z}/{x}/{y}.mvt": ("/tiles/events/8/212/109.mvt", "secretary", None, {204}),
        "GET /{path:path}": ("/../../etc/passwd", NONE, None, {404, 200}),
    }  # fmt: skip


def routes(client: TestClient) -> Iterator[str]:
    for method, path, _ in every_route(client.app):  # type: ignore[arg-type]
        yield f"{method} {path}"


def theirs_on_lists(town: Town) -> tuple[str, str]:
    item = proposed(town["demo-village"], title=WORDS)
    lon, lat = town.sites[town.unit_head_of(town.villages[0]).area_code]
    spot = HotSpot(
        county_code=town.counties[0], id=uuid4(), category_code="0403", area_code=town.villages[0],
        geom=f"SRID=4490;POINT({lon} {lat})", count=40, first_at=clock.now(), last_at=clock.now(),
        cause=WORDS,
    )  # fmt: skip
    lamp = register.Wanted(
        "NB-1", Kind.STREET_LIGHT, WORDS, next(iter(town.bodies.values())), town.counties[0],
        town.unit_head_of(town.villages[0]).area_code, lon, lat, ended=False,
    )  # fmt: skip
    with unit_of_work() as session:
        session.add(spot)
        register.keep(session, [lamp])
    return str(item), str(spot.id)


def their_meeting(town: Town) -> tuple[str, str]:
    village = town["demo-village"]
    body = ReviewIn(
        client_id=uuid4(), area_code=village.area_code, starts_at=clock.now(), title=WORDS
    )
    with unit_of_work(village) as session:
        review_id = meetings.plan(session, village, body)
        review = review_queries.one(session, village, review_id)
        entry = review_queries.entries(session, review)[0]
    return str(review_id), str(entry.id)


def their_motion(town: Town) -> str:
    village = town["demo-village"]
    body = DeliberationIn(
        client_id=uuid4(), area_code=village.area_code, procedure="five_step", title=WORDS,
        matter="spend", words=f"{WORDS}，支出一笔钱",
    )  # fmt: skip
    with unit_of_work(village) as session:
        rolls.keep(session, village, village.area_code, Assembly.BRANCH, [WORDS])
        return str(motions.propose(session, village, body))


@pytest.fixture(scope="module")
def theirs(town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]) -> Theirs:
    head = town.unit_head_of(town.villages[0])
    header = as_actor(head)
    photo = client.post("/api/media", content=a_photo(), headers=header).json()["id"]
    contact = {"name": WORDS, "phone": "13800001234"}
    body = a_report(town, head.area_code, text=WORDS, photos=[photo], contact=contact)
    sent = client.post("/api/events", json=body.model_dump(mode="json"), headers=header).json()
    return Theirs(
        sent["id"], sent["event_no"], photo, town.villages[0], head.area_code, str(head.id),
        str(head.post_id), *theirs_on_lists(town), *their_meeting(town),
        their_motion(town),
        town.sites[head.area_code],
    )  # fmt: skip


@pytest.fixture(scope="module")
def secretary(town: Town) -> Actor:
    return next(
        a for a in town.actors.values()
        if a.role is Role.VILLAGE_SECRETARY and a.area_code == town.villages[1]
    )  # fmt: skip


def test_every_route_has_a_case(client: TestClient, theirs: Theirs) -> None:
    assert set(cases(theirs)) == set(routes(client)) - {"GET /api/openapi.json"}


# Two locks, each whole: here the application's own filter is tried with and without the policies.
LOCKS = pytest.mark.parametrize("lock", ["both", "application alone"], indirect=True)


@LOCKS
def test_a_neighbour_sees_and_touches_nothing(
    lock: str,
    client: TestClient,
    theirs: Theirs,
    secretary: Actor,
    town: Town,
    as_actor: Callable[[Actor], dict[str, str]],
) -> None:
    head = town.unit_head_of(town.villages[0])
    with unit_of_work() as session:
        unheld = session.scalar(select(func.count()).select_from(Event)) or 0
        assert (unheld > 0) is (lock == "application alone")
    for route, (path, who, body, expected) in cases(theirs).items():
        headers = as_actor(secretary) if who == "secretary" else {}
        method = route.split()[0]
        sent = (
            {"content": body}
            if isinstance(body, bytes)
            else {"json": body}
            if body is not None
            else {}
        )
        answer = client.request(method, path, headers=headers, **sent)  # type: ignore[arg-type]
        if route == "GET /api/ready" and lock == "application alone":
            # A process with such connections says that it must not be used.
            expected = {503}
        assert answer.status_code in expected, (route, answer.status_code, answer.text[:200])
        for hidden in (WORDS, "13800001234", theirs.event, theirs.photo):
            # What the caller sent may come back; what only the owner knows may not.
            assert hidden not in answer.text, (route, hidden)
    with unit_of_work(head) as session:
        event = queries.one(session, head, UUID(theirs.event))
        assert event is not None
        assert (event.state, event.log_seq) == ("reported", 1)


PROTECTED = text("SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname")


def test_the_policies_alone_show_a_neighbour_nothing(theirs: Theirs, secretary: Actor) -> None:
    def rows(session: Session, table: str) -> str:
        found = session.execute(text(f"SELECT to_jsonb({table})::text FROM {table}"))
        return "\n".join(row[0] for row in found)

    secrets = (WORDS, theirs.event, theirs.photo, theirs.item, theirs.review, theirs.motion)
    with owner() as session:
        tables = list(session.scalars(PROTECTED))
        full = {t for t in tables if any(s in rows(session, t) for s in secrets)}
    # What is looked for is there.
    assert {"event", "event_action", "media", "item", "review", "deliberation"} <= full
    for actor in (secretary, None):
        with unit_of_work(actor) as session:
            for table in tables:
                shown = rows(session, table)
                assert not [s for s in secrets if s in shown], (table, actor)


@LOCKS
def test_everyone_but_those_concerned_is_a_neighbour(
    lock: str,
    client: TestClient,
    theirs: Theirs,
    town: Town,
    as_actor: Callable[[Actor], dict[str, str]],
) -> None:
    concerned = {Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER, Role.CITY_DISPATCHER, Role.LEADER,
                 Role.AUDITOR}  # fmt: skip
    for actor in town.actors.values():
        sees = actor.role in concerned or (
            bool(actor.scope) and theirs.unit.startswith(actor.area_code)
        )
        answer = client.get(f"/api/events/{theirs.event}", headers=as_actor(actor))
        # Administrators look after the system, and into no case: not a matter of their area.
        hidden = 403 if actor.role is Role.SYS_ADMIN else 404
        assert answer.status_code == (200 if sees else hidden), (actor.role, actor.area_code)


def test_nothing_is_open_to_nobody_but_what_is_meant_to_be(
    client: TestClient, theirs: Theirs
) -> None:
    for route, (path, who, body, _) in cases(theirs).items():
        if who == NONE:
            continue
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        answer = client.request(route.split()[0], path, **sent)  # type: ignore[arg-type]
        # A photo is also asked for by the public page, where nobody is signed in: 404.
        assert answer.status_code in {401} | ({404} if "media" in route else set()), route


def test_a_write_from_another_sites_page_is_refused(client: TestClient) -> None:
    for origin in ("https://evil.example", "http://[", "null"):
        answer = client.post("/api/auth/sign-out", json={}, headers={"Origin": origin})
        assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    same = client.post("/api/auth/sign-out", json={}, headers={"Origin": "http://onemap.test"})
    assert same.status_code == 204


def test_answers_carry_the_headers_that_keep_browsers_safe(client: TestClient) -> None:
    answer = client.get("/api/health")
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert len(answer.headers["x-request-id"]) == 32


def test_problems_speak_the_callers_language_and_show_no_trace(client: TestClient) -> None:
    for language, words in (
        ("zh-CN,zh;q=0.9", "请先登录。"),
        ("en", "Please sign in first."),
        ("fr", "请先登录。"),
    ):
        answer = client.get("/api/events", headers={"Accept-Language": language})
        assert answer.json()["title"] == words
    broken = client.post("/api/events", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code in (401, 422) and "Traceback" not in broken.text
