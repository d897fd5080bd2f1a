"""Who hears what of an item, and what ends with it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.duty import service as department
from backend.city.organizations.models import Organization
from backend.core import ids
from backend.core.actor import Actor, Role, system
from backend.core.db import act_as
from backend.core.language import DEFAULT, say
from backend.matters.events import kin
from backend.matters.events.casework.stepping import by_itself
from backend.matters.events.vocabulary import Action as EventAction
from backend.matters.events.whereabouts import settled
from backend.matters.items import queries, workflow
from backend.matters.items.models import Item, ItemAction
from backend.matters.items.schemas import ItemStepIn
from backend.matters.items.service.stepping import take
from backend.matters.items.workflow import Action, Kind, State
from backend.matters.lists import queries as reads
from backend.tools.notices.models import Kind as NoticeKind
from backend.tools.notices.writing import Told, write
from gis import codes

A = Action
# Of an item that carries an event on, its reporter hears these.
TO_REPORTERS = {
    A.ACHIEVE: "item_achieved", A.ABANDON: "item_abandoned", A.START: "item_moved",
    A.REACH_MILESTONE: "item_moved",
}  # fmt: skip
TO_DOER = {
    A.ASSIGN: "item_given",
    A.APPROVE_FUNDS: "item_answered",
    A.REFUSE_FUNDS: "item_answered",
    A.CARRY_OVER: "item_again",
}
TO_FUNDER = {A.ASK_FUNDS: "item_funds"}
TO_VILLAGE = {A.CLAIM: "item_claimed", A.BLOCK: "item_stuck", A.APPROVE_FUNDS: "item_answered",
              A.REFUSE_FUNDS: "item_answered", A.CARRY_OVER: "item_again"}  # fmt: skip
TO_TOWN = {A.BLOCK: "item_stuck"}
ENDS = (
    EventAction.CLOSE, EventAction.CLOSE_WITH_EXPLANATION, EventAction.CLOSE_WITHOUT_FOLLOW_UP,
)  # fmt: skip


def hear(session: Session, county_code: str, item_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``item.advanced``: tell those who do it, pay for it, govern it or wait for it."""
    act_as(session, system(county_code))
    action = Action(details["action"])
    item = session.get(Item, (county_code, item_id))
    entry = session.get(ItemAction, (county_code, UUID(details["action_id"])))
    if item is None or entry is None:
        return
    told = [
        Told(
            person, f"told.{words}", NoticeKind.TASK, item_id=item.id, words={"item": item.item_no}
        )
        for words, people in _whose_turn(session, action, item, entry)
        for person in people
    ]
    if action in TO_REPORTERS:
        told += _reporters(session, item, TO_REPORTERS[action])
    write(session, county_code, entry.id, entry.actor_id, told)
    _come_back(session, item, action, entry)


def _come_back(session: Session, item: Item, action: Action, entry: ItemAction) -> None:
    """What was suspended for an item is taken up when it is achieved; when it is given up, the
    desk and whoever leads it are asked.

    Safe to hear twice: afterwards nothing is suspended for it, or it was told.
    """
    if action not in (A.ACHIEVE, A.ABANDON):
        return
    act_as(session, _reaching(session, item))
    for event in reads.waiting_for(session, item):
        if action is A.ACHIEVE:
            note = say(DEFAULT, "resumed_for_item", number=item.item_no, title=item.title)
            by_itself(session, event, EventAction.RESUME, note=note)
            act_as(session, _reaching(session, item))
            continue
        town = event.area_code[: codes.LENGTH[codes.Level.TOWN]]
        people = set(accounts.holders(session, [town], [Role.TOWN_DISPATCHER]))
        if event.lead_organization_id is not None:
            people |= department.at_duty(session, event.lead_organization_id, None, None)
        told = [
            Told(
                person, "told.item_given_up", NoticeKind.TASK, event_id=event.id, item_id=item.id,
                words={"number": event.event_no, "item": item.item_no},
            )
            for person in sorted(people)
        ]  # fmt: skip
        key = uuid5(entry.id, f"given up {event.id}")
        write(session, event.county_code, key, entry.actor_id, told)


def _whose_turn(
    session: Session, action: Action, item: Item, entry: ItemAction
) -> Iterator[tuple[str, frozenset[UUID]]]:
    if action in TO_DOER and item.organization_id:
        yield TO_DOER[action], department.at_duty(session, item.organization_id, None, None)
    if action in TO_FUNDER and item.funder_id:
        yield TO_FUNDER[action], department.at_duty(session, item.funder_id, None, None)
        if entry.organization_id == item.funder_id:
            # One of its own asked, and may be alone there: those above may grant it.
            yield TO_FUNDER[action], _above(session, item.funder_id)
    if action in TO_VILLAGE:
        chain = codes.chain(item.area_code)
        yield TO_VILLAGE[action], accounts.holders(session, chain, [Role.VILLAGE_SECRETARY])
    if action in TO_TOWN:
        town = item.area_code[: codes.LENGTH[codes.Level.TOWN]]
        yield TO_TOWN[action], accounts.holders(session, [town], [Role.TOWN_DISPATCHER])


def _above(session: Session, body_id: UUID) -> frozenset[UUID]:
    """Whoever governs a body, at the nearest level that has a desk."""
    body = session.get(Organization, body_id)
    assert body is not None
    for level, role in (
        (codes.Level.TOWN, Role.TOWN_DISPATCHER), (codes.Level.COUNTY, Role.COUNTY_DISPATCHER),
        (codes.Level.CITY, Role.CITY_DISPATCHER),
    ):  # fmt: skip
        place = body.area_code[: codes.LENGTH[level]]
        if len(place) == codes.LENGTH[level]:
            return accounts.holders(session, [place], [role])
    return frozenset()


def _reporters(session: Session, item: Item, words: str) -> Iterable[Told]:
    """Those whose events the item carries on, merged ones too; each hears of the own report."""
    act_as(session, _reaching(session, item))
    carried = reads.carried_by(session, item)
    followers = [one for event in carried for one in (event, *kin.merged_into(session, event))]
    for event in followers:
        if event.reporter_id is None:
            continue
        yield Told(
            event.reporter_id, f"told.{words}", NoticeKind.MINE, event_id=event.id,
            item_id=item.id, words={"number": event.event_no, "item": item.item_no},
        )  # fmt: skip


def hear_event(
    session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]
) -> None:
    """Hear ``event.advanced``: a problem is achieved when the last of its events was closed.

    Safe to hear twice: afterwards the item has ended.
    """
    if details["action"] not in ENDS:
        return
    event = settled(session, county_code, event_id)
    if event is None:
        return
    where = queries.counties_of_items(session, event.county_code, event_id)
    act_as(session, system(event.county_code, *sorted(where)))
    for item in queries.items_of_event(session, event.county_code, event_id):
        if item.kind != Kind.PROBLEM or State(item.state) not in workflow.OPEN:
            continue
        session.refresh(item, with_for_update=True)
        rule = workflow.RULES.get((State(item.state), A.ACHIEVE))
        act_as(session, _reaching(session, item))
        if rule is None or reads.some_open(session, item):
            continue
        if any(stone.done_on is None for stone in queries.milestones_of(session, item)):
            # What was planned beyond the events is somebody's word: people say when it is done.
            key = uuid5(item.id, f"milestones {event_id}")
            act_as(session, system(item.county_code))
            write(session, item.county_code, key, None, list(_stays_open(session, item)))
            continue
        body = ItemStepIn(client_id=ids.new_id(), action=A.ACHIEVE)
        take(session, system(item.county_code), item, rule, body)


def _stays_open(session: Session, item: Item) -> Iterator[Told]:
    people: set[UUID] = set(
        accounts.holders(session, codes.chain(item.area_code), [Role.VILLAGE_SECRETARY])
    )
    if item.organization_id is not None:
        people |= department.at_duty(session, item.organization_id, None, None)
    for person in sorted(people):
        yield Told(
            person, "told.item_milestones_left", NoticeKind.TASK, item_id=item.id,
            words={"item": item.item_no},
        )  # fmt: skip


def _reaching(session: Session, item: Item) -> Actor:
    """The system of an item's county and of those to which its events have moved."""
    where = {row.event_county for row in queries.events_of(session, item)}
    return system(item.county_code, *sorted(where - {item.county_code}))
