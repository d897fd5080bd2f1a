"""The cases of an agenda, as whoever is at the meeting sees them."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.language import say as words
from backend.matters.events import workflow
from backend.matters.events.facts import Facts
from backend.matters.events.models import Event
from backend.matters.events.reading import listing
from backend.matters.events.reading import showing as event_showing
from backend.matters.events.reading.whole import read
from backend.matters.events.views import NearOut
from backend.matters.events.vocabulary import REASONS, Action
from backend.matters.events.whereabouts import settled
from backend.matters.lists import hot_spots
from backend.matters.reviews import agenda_queries, deciding, queries
from backend.matters.reviews.decisions import MEANS, Decision
from backend.matters.reviews.models import Review, ReviewEntry
from backend.matters.reviews.schemas import CaseOut


def cases(session: Session, actor: Actor, review: Review, keys: set[UUID]) -> dict[UUID, Event]:
    """The cases of an agenda, where they lie now.

    One that was restricted since, or filed as something sensitive, is shown to those named in it.
    """
    found = queries.rows(session, review, Event, keys)
    for key, event in list(found.items()):
        now = settled(session, event.county_code, key) if event.moved_to is not None else event
        if now is None or (now.restricted and actor.id not in now.named):
            del found[key]
        else:
            found[key] = now
    return found


def case(session: Session, actor: Actor, review: Review, entry: ReviewEntry) -> CaseOut:
    """The case beside the map: whole but for its reporter, with what is around it."""
    if entry.event_id is None:
        lists = {d.value: "" for d in Decision if MEANS[d].makes or d is Decision.PUT_OFF}
        return CaseOut(event=None, before=[], near=[], reasons={}, decisions=lists)
    everything = replace(system(review.county_code), language=actor.language)
    act_as(session, everything)
    event = cases(session, actor, review, {entry.event_id}).get(entry.event_id)
    if event is None:
        act_as(session, actor)
        return CaseOut(event=None, before=[], near=[], reasons={}, decisions={})
    shown = event_showing.whole(session, actor, event)
    near: list[NearOut] = []
    before: list[NearOut] = []
    if shown.lon is not None and shown.lat is not None:
        near = [
            n for n in listing.nearby(session, everything, shown.lon, shown.lat, 200)
            if n.id != event.id
        ]  # fmt: skip
        before = [n for n in _earlier(session, actor, event) if n.id != event.id]
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


def _earlier(session: Session, actor: Actor, event: Event) -> list[NearOut]:
    """What happened here before: the same kind within 50 m and a year, the newest first."""
    found = hot_spots.earlier(session, event, most=30)
    ended = agenda_queries.ended(session, event.county_code, found)
    return listing.as_near(session, actor, ended)
