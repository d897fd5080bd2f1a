"""The smallest valid things."""

import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core import clock, delivery
from backend.core.actor import Actor, system
from backend.core.db import act_as, unit_of_work
from backend.matters.events import workflow
from backend.matters.events.casework import stepping
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.schemas import PositionIn, ReportIn, StepIn
from backend.matters.events.vocabulary import REASONS, Action, Need
from backend.subscriptions import HANDLERS
from backend.tools.media import service as media
from backend.tools.notices.models import Notice
from tests.conftest import Town

COUNTY = "359902"


def a_photo(colour: str = "gray", size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


def a_report(town: Town, unit: str | None = None, **changes: Any) -> ReportIn:
    lon, lat = town.sites[unit or town.units[0]]
    fields: dict[str, Any] = {
        "client_id": uuid4(), "text": "路口积水", "category": "0201",
        "position": PositionIn(lon=lon, lat=lat, crs="WGS84", accuracy_m=8),
    }  # fmt: skip
    return ReportIn(**(fields | changes))


def reported(town: Town, actor: Actor, **changes: Any) -> UUID:
    """Report something as an actor; the event's key."""
    with unit_of_work(actor) as session:
        answer = reporting.report(session, actor, a_report(town, actor.area_code, **changes))
    return UUID(answer["id"])


def the(event_id: UUID, county: str = COUNTY) -> Event:
    """An event as it stands in a county."""
    with unit_of_work(system(county)) as session:
        return session.get_one(Event, (county, event_id))


def told(actor: Actor, event_id: UUID) -> list[str]:
    """What somebody was told of an event, once everything is heard."""
    while delivery.drain(COUNTY, HANDLERS):
        pass
    with unit_of_work(actor) as session:
        return list(
            session.scalars(
                select(Notice.about).where(
                    Notice.account_id == actor.id, Notice.event_id == event_id
                )
            )
        )


def keep_photo(session: Session, actor: Actor) -> UUID:
    act_as(session, actor)
    return media.store(session, actor, a_photo())[0].id


HELPER, LEAD, ABOVE = "西天镇综合执法队", "西天镇城建办", "荷城区水务局"
HELPED = {
    Action.ADD_CO: HELPER, Action.SET_HELP_TIME: HELPER, Action.REMOVE_CO: HELPER,
    Action.WHISTLE: ABOVE,
}  # fmt: skip


def everything(town: Town, session: Session, actor: Actor, action: Action) -> dict[str, Any]:
    """A body with all that any step may need."""
    rules = [rule for rule in workflow.RULES.values() if rule.action is action]
    fields: dict[str, Any] = {
        "client_id": uuid4(), "action": action, "note": "因为", "present": ["书记", "网格长"],
        "organization_id": town.bodies[HELPED.get(action, LEAD)], "closing": True,
        "people": ["demo-town", "demo-village"],
        "reason": REASONS[action][0] if action in REASONS else None,
        "handler_id": actor.id if action is Action.ASSIGN_HANDLER else None,
    }  # fmt: skip
    if action is Action.OFFER:
        fields["co_organizations"] = [town.bodies[LEAD], town.bodies[HELPER]]
    if any(Need.UNTIL in rule.needs for rule in rules):
        fields["until"] = clock.now() + timedelta(days=10)
    if action is Action.SET_HELP_TIME:
        fields["until"] = clock.now() + timedelta(hours=1)
    if any(Need.PHOTO in rule.needs for rule in rules):
        fields["photos"] = [keep_photo(session, actor)]
    return fields


def take(town: Town, actor: Actor, event_id: UUID, action: str, **changes: Any) -> None:
    """Take one step with everything that any step may need."""
    with unit_of_work(actor) as session:
        fields = everything(town, session, actor, Action(action))
        stepping.advance(session, actor, event_id, StepIn(**(fields | changes)))


PATH = {
    "reported": (),
    "judging": ("demo-village put_on_agenda",),
    "filed": ("demo-village file",),
    "dispatched": ("demo-village file", "demo-town dispatch"),
    "handling": ("demo-village file", "demo-town dispatch", "demo-dept accept"),
    "feedback": (
        "demo-village file", "demo-town dispatch", "demo-dept accept", "demo-dept submit_result",
    ),
    "rechecking": (
        "demo-village file", "demo-town dispatch", "demo-dept accept", "demo-dept submit_result",
        "demo-town request_recheck",
    ),
    "following_up": (
        "demo-village file", "demo-town dispatch", "demo-dept accept", "demo-dept submit_result",
        "demo-town start_follow_up",
    ),
}  # fmt: skip


def an_event_at(town: Town, state: str, **changes: Any) -> UUID:
    """An event of the first village, brought to a state by the people whose steps those are."""
    event_id = reported(town, town.unit_head_of(town.grids[0]), **changes)
    for step in PATH[state]:
        who, action = step.split()
        take(town, town[who], event_id, action)
    return event_id
