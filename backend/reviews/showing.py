"""Putting meetings together for their readers: a fixed number of queries."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.accounts import queries as accounts
from backend.areas import queries as areas
from backend.categories import service as categories
from backend.core import clock
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.language import say as words
from backend.events import queries as events
from backend.events import workflow
from backend.events.facts import Facts
from backend.events.models import Event
from backend.events.schemas import NearOut
from backend.events.service import showing as event_showing
from backend.events.service.reading import read
from backend.events.vocabulary import REASONS, TERMINAL, Action
from backend.items.models import Item
from backend.lists import hot_spots
from backend.lists.models import HotSpot
from backend.organizations import queries as organizations
from backend.reviews import deciding, queries
from backend.reviews.decisions import MEANS, Decision
from backend.reviews.models import Review, ReviewEntry
from backend.reviews.schemas import (
    CaseOut,
    EntryOut,
    LastOut,
    LineOut,
    PersonOut,
    ReviewLineOut,
    ReviewOut,
)
from backend.reviews.service import may_decide
from gis import codes


def line(session: Session, review: Review) -> dict[str, Any]:
    """A meeting as the calendar shows it."""
    chain = areas.chain(session, review.area_code)
    return {
        "id": review.id, "review_no": review.review_no, "title": review.title,
        "state": review.state, "area_code": review.area_code,
        "place": " ".join(area.name for area in chain[2:]), "starts_at": review.starts_at,
        "ended_at": review.ended_at,
    }  # fmt: skip


def calendar(session: Session, reviews: Sequence[Review]) -> list[ReviewLineOut]:
    """Meetings in a list."""
    return [ReviewLineOut(**line(session, review)) for review in reviews]


def whole(session: Session, actor: Actor, review: Review) -> ReviewOut:
    """One meeting with its agenda, its people and its record."""
    entries = queries.entries(session, review)
    people = queries.people(session, review)
    lines = queries.lines(session, review)
    shown = _entries(session, actor, review, entries)
    return ReviewOut(
        **line(session, review),
        code=review.code if may_decide(actor, review) else "",
        chair=accounts.names(session, [review.chair_id]).get(review.chair_id, ""),
        presents=review.presenter_id == actor.id and review.state == "running",
        decides=may_decide(actor, review) and review.state == "running",
        opened_at=review.opened_at, entry_id=review.entry_id, view=review.view, seq=review.seq,
        entries=shown,
        people=[PersonOut(name=p.name, role=p.role, signed_at=p.signed_at) for p in people],
        lines=[
            LineOut(seq=n.seq, kind=n.kind, entry_id=n.entry_id, name=n.name, details=n.details,
                    at=n.at)
            for n in lines
        ],
        last=_last(session, actor, review),
    )  # fmt: skip


def _entries(
    session: Session, actor: Actor, review: Review, entries: Sequence[ReviewEntry]
) -> list[EntryOut]:
    """The agenda in words; whoever is there sees what is on it, and no reporter's name."""
    act_as(session, system(review.county_code))
    cases = {
        e.id: e
        for e in session.scalars(
            select(Event).where(
                Event.county_code == review.county_code,
                Event.id.in_([e.event_id for e in entries if e.event_id]),
            )
        )
    }
    points = events.positions(session, list(cases.values()))
    made = {e.item_id for e in entries if e.item_id}
    items = {
        i.id: i
        for i in session.scalars(
            select(Item).where(Item.county_code == review.county_code, Item.id.in_(made))
        )
    }
    spots = {
        s.id: s
        for s in session.scalars(
            select(HotSpot).where(
                HotSpot.county_code == review.county_code,
                HotSpot.id.in_([e.hot_spot_id for e in entries if e.hot_spot_id]),
            )
        )
    }
    spot_points = hot_spots.points(session, list(spots.values()))
    act_as(session, actor)
    where = [e.area_code for e in cases.values()] + [i.area_code for i in items.values()]
    where += [s.area_code for s in spots.values()]
    places = areas.named(session, {c for code in where for c in codes.chain(code)[3:]})
    given = {UUID(to) for e in entries if (to := (e.body or {}).get("organization_id"))}
    bodies = organizations.names(session, given)
    people = accounts.names(session, {e.decided_by for e in entries if e.decided_by})
    voices = queries.votes(session, review)
    known = categories.current(session)

    def category(code: str) -> str:
        found = known.get(code)
        if found is None:
            return code
        return found.name_en if actor.language == "en" else found.name_zh

    def place(code: str) -> str:
        return " ".join(places[c].name for c in codes.chain(code)[3:] if c in places)

    rows = []
    for entry in entries:
        fields: dict[str, Any] = {
            "number": "", "title": "", "words": "", "place": "", "state": None, "late": False,
            "lon": None, "lat": None,
        }  # fmt: skip
        if entry.event_id in cases:
            event = cases[entry.event_id]
            lon, lat = points.get(event.id, (None, None))
            late = event.overdue_at is not None and event.closed_at is None
            fields = {
                "number": event.event_no, "title": category(event.category_code),
                "words": event.text, "place": place(event.area_code), "state": event.state,
                "late": late, "lon": lon, "lat": lat,
            }  # fmt: skip
        elif entry.item_id in items:
            item = items[entry.item_id]
            fields |= {
                "number": item.item_no, "title": item.title, "words": item.plan or item.cause,
                "place": place(item.area_code), "state": item.state,
                "late": item.due_on is not None and item.due_on < clock.now().date(),
            }  # fmt: skip
        elif entry.hot_spot_id in spots:
            spot = spots[entry.hot_spot_id]
            lon, lat = spot_points[spot.id]
            fields |= {
                "title": f"{category(spot.category_code)} × {spot.count}", "words": spot.cause,
                "place": place(spot.area_code), "lon": lon, "lat": lat,
            }  # fmt: skip
        body = entry.body or {}
        to = bodies.get(UUID(body["organization_id"])) if body.get("organization_id") else None
        rows.append(
            EntryOut(
                id=entry.id, reason=entry.reason, event_id=entry.event_id, item_id=entry.item_id,
                hot_spot_id=entry.hot_spot_id, **fields,
                decision=Decision(entry.decision) if entry.decision else None,
                decided_by=people.get(entry.decided_by, "") if entry.decided_by else "",
                decided_at=entry.decided_at, note=body.get("note", ""),
                to=" · ".join(filter(None, [to, body.get("due_on"), body.get("title")])),
                outcome=_outcome(actor, entry), made_item_id=entry.made_item_id,
                votes=voices.get(entry.id, {}),
            )
        )  # fmt: skip
    return rows


def _outcome(actor: Actor, entry: ReviewEntry) -> str | None:
    if entry.outcome is None or entry.outcome == "done":
        return entry.outcome
    try:
        return words(actor.language, entry.outcome)
    except KeyError:
        # A sentence with fields of its own: the point says only that it did not take effect.
        return words(actor.language, "review_not_carried_out")


def _last(session: Session, actor: Actor, review: Review) -> list[LastOut]:
    """What became of the decisions of the meeting before."""
    if review.previous_id is None:
        return []
    before = session.get(Review, (review.county_code, review.previous_id))
    if before is None:
        return []
    decided = [e for e in queries.entries(session, before) if e.decision]
    return [
        LastOut(
            number=e.number, title=e.title, decision=e.decision, to=e.to, state=e.state,
            event_id=e.event_id,
        )
        for e in _entries(session, actor, before, decided)
        if e.decision is not None
    ]  # fmt: skip


def case(session: Session, actor: Actor, review: Review, entry: ReviewEntry) -> CaseOut:
    """The case beside the map: whole but for its reporter, with what is around it."""
    if entry.event_id is None:
        lists = {d.value: "" for d in Decision if MEANS[d].makes or d is Decision.PUT_OFF}
        return CaseOut(event=None, before=[], near=[], reasons={}, decisions=lists)
    everything = system(review.county_code)
    act_as(session, everything)
    event = session.get(Event, (review.county_code, entry.event_id))
    if event is None:
        act_as(session, actor)
        return CaseOut(event=None, before=[], near=[], reasons={}, decisions={})
    shown = event_showing.whole(session, actor, event)
    near: list[NearOut] = []
    before: list[NearOut] = []
    if shown.lon is not None and shown.lat is not None:
        near = [
            n for n in event_showing.nearby(session, everything, shown.lon, shown.lat, 200)
            if n.id != event.id
        ]  # fmt: skip
        before = [n for n in _earlier(session, event) if n.id != event.id]
    open_now = _open(actor, read(session, event).facts, event)
    act_as(session, actor)
    return CaseOut(
        event=shown, decisions=open_now, before=before, near=near,
        reasons={
            "reject": [
                {"code": code, "name": words(actor.language, f"reason.{code}")}
                for code in REASONS[Action.REJECT]
            ],
            "escalate": [
                {"code": code, "name": words(actor.language, f"reason.{code}")}
                for code in REASONS[Action.ESCALATE]
            ],
        },
    )  # fmt: skip


def _open(actor: Actor, facts: Facts, event: Event) -> dict[str, str]:
    """The decisions that the caller could take on a case now; with words, what is missing first."""
    steps = {s.action: s.blocked_by for s in workflow.open_to(facts, actor)}
    found = {}
    for decision in Decision:
        action = deciding.action_of(event, facts.reject_proposed_by, decision)
        if deciding.only_noted(event, decision):
            found[decision.value] = ""
        elif action in steps:
            missing = steps[action]
            found[decision.value] = words(actor.language, missing) if missing else ""
    return found


def _earlier(session: Session, event: Event) -> list[NearOut]:
    """What happened here before: the same kind within 50 m and a year, the newest first."""
    found = hot_spots.around(session, event)
    ended = session.scalars(
        select(Event)
        .where(
            Event.county_code == event.county_code, Event.id.in_(found[-30:]),
            Event.state.in_(TERMINAL),
        )
        .order_by(Event.id.desc())
    ).all()  # fmt: skip
    return event_showing.as_near(session, ended)
