"""A hundred and twenty cases walked at random through whatever the API offers: no impossible state, ever.

The walk is seeded; each step is taken by somebody to whom the workflow offers it, with everything
that it may need. After each one the row, the log, the duties and the clock must agree.
"""

import random
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from backend.core import clock, journal
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.core.errors import Refused
from backend.matters.events import queries, workflow
from backend.matters.events.models import Assignment, Event
from backend.matters.events.reading.whole import read
from backend.matters.events.vocabulary import ACTIVE, CLOCK_RUNS, OVER, TERMINAL, Action, Ask, State
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.models import ClockSegment
from tests.conftest import Town
from tests.events.makers import reported, take
from tests.items.makers import a_promising_item

CASES, STEPS = 120, 24
# They end a walk for good, or move nothing: taken at every turn, they would drown the rest.
RARELY = {
    Action.TRANSFER_OUT, Action.VOID, Action.REJECT, Action.RESTRICT, Action.MERGE, Action.URGE,
    Action.SUPERVISE, Action.ANSWER_SUPERVISION, Action.LIFT_SUPERVISION, Action.PROPOSE_REJECT,
    Action.ESCALATE, Action.CORRECT_POSITION, Action.PUT_OFF, Action.RECALL, Action.REOPEN,
    Action.WITHDRAW_REQUEST, Action.REQUEST_VERIFICATION, Action.CARRY_BY_ITEM,
    Action.REPORT_AGAIN,
}  # fmt: skip


@pytest.fixture(scope="module")
def people(town: Town) -> list[Actor]:
    head = town.unit_head_of(town.grids[0])
    clerks = [a for a in town.actors.values() if a.role is Role.DEPARTMENT_CLERK][:6]
    names = ("demo-grid", "demo-village", "demo-town", "demo-county", "demo-city", "demo-leader")
    second = [
        a for a in town.actors.values()
        if a.role is Role.TOWN_DISPATCHER and a.id != town["demo-town"].id
    ]  # fmt: skip
    return [head, *(town[name] for name in names), *second, *clerks]


def offers(people: list[Actor], event_id: UUID) -> list[tuple[Actor, Action]]:
    """What the first of the people may do now to whom anything is offered at all."""
    for actor in people:
        with unit_of_work(actor) as session:
            event = queries.one(session, actor, event_id)
            if event is not None:
                facts = read(session, event).facts
                found = [
                    (actor, s.action) for s in workflow.open_to(facts, actor) if not s.blocked_by
                ]
                if found:
                    return found
    return []


def check(event_id: UUID) -> State:
    """Row, log, duties and clock of one event agree; its state."""
    with unit_of_work(system("359902")) as session:
        event = session.scalars(select(Event).where(Event.id == event_id)).one()
        entries = queries.log_of(session, event)
        duties = session.scalars(select(Assignment).where(Assignment.event_id == event_id)).all()
        running = session.scalars(
            select(ClockSegment).where(
                ClockSegment.event_id == event_id, ClockSegment.ended_at.is_(None)
            )
        ).all()
        stretches = deadlines.segments(session, event.county_code, event.id)
        limit = deadlines.limit_of(event.limit_clock, event.limit_amount)
        calendar = deadlines.of_version(session, event.calendar_version)
    state = State(event.state)
    replayed = None
    for entry in entries:
        assert entry.from_state == replayed
        replayed = entry.to_state
    assert replayed == event.state and journal.broken_at(entries, event.log_head) is None
    assert (event.closed_at is not None) == (state in TERMINAL)
    # The clock runs from the promise to feedback and nowhere else, once: what goes out by the fast
    # track is promised before it is filed.
    assert (event.promised_at is not None) == (event.due_at is not None)
    assert event.promised_at is not None or event.filed_at is None
    assert len(running) == int(state in CLOCK_RUNS and event.promised_at is not None)
    if running and limit is not None:
        assert (
            deadlines.promise(limit, calendar, stretches, event.extension_count).due_at
            == event.due_at
        )
    offered = [d for d in duties if d.status == "offered"]
    leads = [d for d in duties if d.lead and d.status not in OVER and d not in offered]
    assert len(leads) <= 1
    pooled = state is State.DISPATCHED and event.lead_organization_id is None
    assert bool(offered) == pooled and not (offered and leads)
    if not pooled and state in (State.DISPATCHED, State.HANDLING, State.FEEDBACK, State.SUSPENDED):
        assert [d.organization_id for d in leads] == [event.lead_organization_id]
    if state in (State.REPORTED, State.JUDGING, State.VERIFYING, State.FILED):
        assert leads == [] or event.reopen_count
    assert event.extension_count <= 2
    assert (event.supervision_no is None) == (event.supervised_until is None)
    assert event.supervised_until is None or state not in TERMINAL
    assert Ask.REWORK not in event.asked or state in (State.HANDLING, State.SUSPENDED)
    assert event.late_helpers == 0 or state in (State.DISPATCHED, State.HANDLING, State.SUSPENDED)
    if state in TERMINAL - {
        State.CLOSED,
        State.SELF_RESOLVED,
        State.REJECTED,
        State.VOID,
        State.MERGED,
    }:
        assert not running
    assert (event.suspended_until is not None) == (state is State.SUSPENDED)
    assert event.item_id is None or state is State.CLOSED
    assert (event.master_id is not None) == (state is State.MERGED)
    return state


def test_no_walk_reaches_an_impossible_state(town: Town, people: list[Actor]) -> None:
    dice = random.Random(20261120)
    head, seen, refusals = people[0], Counter[Action](), Counter[str]()
    item_id = a_promising_item(town, town["demo-village"])
    with unit_of_work(town["demo-town"]) as session:
        master = reported(town, head)
        event = queries.one(session, town["demo-town"], master)
        assert event is not None
        number = event.event_no
    states = Counter[State]()
    lon, lat = town.sites[head.area_code]
    pin = {"lon": lon, "lat": lat, "crs": "WGS84", "confirmed": True}
    for _ in range(CASES):
        now = clock.now()
        state = State.REPORTED
        event_id = reported(town, head, category=dice.choice(["0204", "0203", "0301", "0304"]))
        for _ in range(STEPS):
            now += timedelta(hours=dice.choice([0, 1, 5, 30]))
            with clock.at(now):
                open_now = offers(dice.sample(people, len(people)), event_id)
                if not open_now:
                    break
                often = [o for o in open_now if o[1] not in RARELY or dice.random() < 0.04]
                if not often:
                    continue
                actor, action = dice.choice(often)
                extra = {"position": pin} if action is Action.CORRECT_POSITION else {}
                if action is Action.DISPATCH:
                    extra["organization_id"] = people[-dice.randint(1, 3)].organization_id
                try:
                    take(
                        town,
                        actor,
                        event_id,
                        action,
                        master=number,
                        condition="a",
                        item_id=item_id,
                        **extra,
                    )
                    seen[action] += 1
                except Refused as refusal:
                    refusals[refusal.code] += 1
                state = check(event_id)
        states[state] += 1
    # What was offered and yet refused is only what nobody can know before choosing.
    assert set(refusals) <= {
        "village_gives_to_its_own",
        "organization_has_it",
        "organization_not_helping",
        "help_beyond_promise",
        "until_beyond_asked",
    }
    assert sum(seen.values()) > CASES * 5
    assert len(seen) > 45, sorted(set(Action) - set(seen))
    assert set(states) & ACTIVE and set(states) & TERMINAL
