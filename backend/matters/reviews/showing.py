"""Putting meetings together for their readers: a fixed number of queries."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from geoalchemy2 import WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core import day
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.matters.categories import service as categories
from backend.matters.items.models import Item
from backend.matters.lists.models import HotSpot
from backend.matters.reviews import agenda_queries, cases, deciding, queries
from backend.matters.reviews.decisions import Decision
from backend.matters.reviews.leading import may_decide
from backend.matters.reviews.models import Review, ReviewEntry
from backend.matters.reviews.schemas import (
    EndingOut,
    EntryOut,
    FailingOut,
    LastOut,
    LineOut,
    PersonOut,
    ReviewLineOut,
    ReviewOut,
)
from backend.matters.reviews.service import restore_until
from backend.matters.reviews.trying import Hindrance
from gis import codes

# While a meeting stands here, what was taken off its agenda can be put back.
AGENDA_OPEN = ("planned", "running")


def line(review: Review, names: dict[str, areas.Named]) -> dict[str, Any]:
    """A meeting as the calendar shows it."""
    chain = [names[code] for code in codes.chain(review.area_code) if code in names]
    return {
        "id": review.id, "review_no": review.review_no, "title": review.title,
        "state": review.state, "area_code": review.area_code,
        "place": " ".join(area.name for area in chain[2:]), "starts_at": review.starts_at,
        "ended_at": review.ended_at,
    }  # fmt: skip


def calendar(session: Session, reviews: Sequence[Review]) -> list[ReviewLineOut]:
    """Meetings in a list."""
    names = areas.named(session, {c for r in reviews for c in codes.chain(r.area_code)})
    return [ReviewLineOut(**line(review, names)) for review in reviews]


def whole(session: Session, actor: Actor, review: Review) -> ReviewOut:
    """One meeting with its agenda, its people and its record."""
    entries, removed = queries.with_taken_off(session, review)
    people = queries.people(session, review)
    lines = queries.lines(session, review)
    previous = review.previous_id
    if review.state == "planned":
        # Which one it opens with is decided when it opens; until then, the last one held so far.
        previous = agenda_queries.last_held(session, actor, review.county_code, review.area_code)
    before = queries.entries_of(session, review.county_code, previous)
    decided = [e for e in before if e.decision]
    leads = may_decide(actor, review)
    off = removed if leads and review.state in AGENDA_OPEN else []
    shown, names = _entries(session, actor, review, [*entries, *off, *decided])
    return ReviewOut(
        **line(review, areas.named(session, codes.chain(review.area_code))),
        code=review.code if leads else "",
        chair=names.get(review.chair_id, ""),
        presents=review.presenter_id == actor.id and review.state == "running",
        decides=leads and review.state == "running",
        restore_until=restore_until(session, review),
        opened_at=review.opened_at, entry_id=review.entry_id, view=review.view, seq=review.log_seq,
        entries=shown[: len(entries)],
        taken_off=shown[len(entries) : len(entries) + len(off)],
        people=[PersonOut(name=p.name, role=p.role, signed_at=p.signed_at) for p in people],
        lines=[
            LineOut(seq=n.seq, kind=n.action, entry_id=n.entry_id, name=n.name, details=n.details,
                    at=n.at)
            for n in lines
        ],
        last=[
            LastOut(
                number=e.number, title=e.title, decision=e.decision, to=e.to, state=e.state,
                event_id=e.event_id,
            )
            for e in shown[len(entries) + len(off) :]
            if e.decision is not None
        ],
    )  # fmt: skip


def _entries(
    session: Session, actor: Actor, review: Review, entries: Sequence[ReviewEntry]
) -> tuple[list[EntryOut], dict[UUID, str]]:
    """Points in words, and the names of those who lead and decided.

    Whoever is there sees what is on the agenda, and no reporter's name.
    """
    act_as(session, system(review.county_code))
    of_cases = cases.cases(session, actor, review, {e.event_id for e in entries if e.event_id})
    act_as(session, system(review.county_code))
    items = queries.rows(session, review, Item, {e.item_id for e in entries if e.item_id})
    spots = queries.rows(
        session, review, HotSpot, {e.hot_spot_id for e in entries if e.hot_spot_id}
    )
    act_as(session, actor)
    where = [e.area_code for e in of_cases.values()] + [i.area_code for i in items.values()]
    where += [s.area_code for s in spots.values()]
    places = areas.named(session, {c for code in where for c in codes.chain(code)[3:]})
    given = {UUID(to) for e in entries if (to := (e.body or {}).get("organization_id"))}
    bodies = organizations.names(session, given)
    deciders = {e.decided_by for e in entries if e.decided_by}
    people = accounts.names(session, {review.chair_id} | deciders)
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
        if entry.event_id in of_cases:
            event = of_cases[entry.event_id]
            lon, lat = _point(event.geom)
            late = event.overdue_at is not None and event.closed_at is None
            fields = {
                "number": event.event_no, "title": category(event.category_code),
                "words": event.text, "place": place(event.area_code), "state": event.state,
                "late": late, "lon": lon, "lat": lat,
            }  # fmt: skip
        elif entry.item_id in items:
            item = items[entry.item_id]
            lon, lat = _point(item.geom)
            fields |= {
                "lon": lon, "lat": lat,
                "number": item.item_no, "title": item.title, "words": item.plan or item.cause,
                "place": place(item.area_code), "state": item.state,
                "late": item.due_on is not None and item.due_on < day.today(),
            }  # fmt: skip
        elif entry.hot_spot_id in spots:
            spot = spots[entry.hot_spot_id]
            lon, lat = _point(spot.geom)
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
                votes=voices.get(entry.id, {}), vote_needed=entry.vote_needed,
            )
        )  # fmt: skip
    return rows, people


def _point(geom: WKBElement | None) -> tuple[float | None, float | None]:
    """Where a shape is on the map: a point inside it."""
    if geom is None:
        return None, None
    inside = to_shape(geom).representative_point()
    return inside.x, inside.y


def _outcome(actor: Actor, entry: ReviewEntry) -> str | None:
    if entry.outcome is None or entry.outcome == "done":
        return entry.outcome
    return Hindrance(entry.outcome, entry.outcome_params or {}).words(actor.language)


def ending(session: Session, actor: Actor, review_id: UUID) -> EndingOut:
    """What ending a meeting now would mean, in numbers, and which points would fail."""
    review, failing = deciding.would_fail(session, actor, review_id)
    entries, people = queries.entries(session, review), queries.people(session, review)
    shown, _ = _entries(session, actor, review, [entry for entry, _ in failing])
    undecided = sum(1 for entry in entries if entry.decision is None)
    return EndingOut(
        points=len(entries), undecided=undecided, decided=len(entries) - undecided,
        failing=[
            FailingOut(
                entry_id=one.id, number=one.number, title=one.title, decision=one.decision,
                because=because.words(actor.language),
            )
            for one, (_, because) in zip(shown, failing, strict=True)
            if one.decision is not None
        ],
        people=len(people), guests=sum(1 for one in people if one.account_id is None),
    )  # fmt: skip
