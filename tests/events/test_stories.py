"""The process, told as stories by hand, lived by real people on the real tables."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from backend.core import clock, delivery, journal
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.core.errors import Refused
from backend.core.settings import get_settings
from backend.matters.events import queries, workflow
from backend.matters.events.intake import reporting
from backend.matters.events.models import Event
from backend.matters.events.vocabulary import TERMINAL, Action, State
from backend.matters.items.models import ItemEvent
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import ABOVE, HELPER, LEAD, a_report, reported, take
from tests.items.makers import a_promising_item, proposed, take_item

Cast = Callable[[str], Actor]


@pytest.fixture(scope="module")
def cast(town: Town) -> Cast:
    """The people of the stories, by the names that the stories give them."""
    clerks = {a.organization_id: a for a in town.actors.values() if a.role is Role.DEPARTMENT_CLERK}
    village = town["demo-village"].area_code
    heads = [a for a in town.actors.values() if a.role is Role.UNIT_HEAD]
    known = {
        "head": town.unit_head_of(town.grids[0]),
        "grid": next(a for a in town.actors.values() if a.role is Role.GRID_WORKER
                     and a.area_code == town.grids[0]),
        "village": town["demo-village"], "town": town["demo-town"],
        "town2": next(a for a in town.actors.values()
                      if a.role is Role.TOWN_DISPATCHER and a.id != town["demo-town"].id),
        "county": town["demo-county"], "city": town["demo-city"], "leader": town["demo-leader"],
        "clerk": town["demo-dept"], "helper": clerks[town.bodies[HELPER]], "water": clerks[town.bodies[ABOVE]],
        "resident": town["demo-resident"],
        "stranger": next(a for a in heads if not a.area_code.startswith(village)),
    }  # fmt: skip
    return known.__getitem__


READY = "village file filed  town dispatch dispatched  clerk accept handling"
DONE = f"{READY}  clerk submit_result feedback"
ASKED = f"{DONE}  town start_follow_up following_up"
CLOSED = f"{ASKED}  head answer_solved following_up  town close closed"

STORIES = {
    "a good day": """
        village put_on_agenda judging  village file filed  town dispatch dispatched
        clerk accept handling  clerk submit_result feedback  town request_recheck rechecking
        grid pass_recheck rechecking  town start_follow_up following_up
        head answer_solved following_up  town close closed
    """,
    "claimed from the pool": """
        village file filed  town offer dispatched  helper claim handling
        helper assign_handler handling  helper submit_result feedback
    """,
    "offered, and taken back": "village file filed  town offer dispatched  town recall filed",
    "given to one of the house": """
        village file filed  town dispatch dispatched  clerk assign_handler dispatched
        clerk accept handling  clerk submit_result feedback
    """,
    "filed without a meeting": "village file filed  village dispatch dispatched",
    "verified first": """
        town request_verification verifying  grid submit_verification reported  village file filed
    """,
    "the meeting wants to know more": """
        village put_on_agenda judging  village request_verification verifying
        grid submit_verification reported
    """,
    "verified, and there was nothing": """
        village request_verification verifying  village propose_reject verifying
        village reject rejected
    """,
    "verified: a joke": "village request_verification verifying  village void void",
    "put off twice": """
        village put_on_agenda judging  village put_off judging  village put_off judging
        village correct_position judging  village file filed
    """,
    "fixed, says the meeting": "village put_on_agenda judging  village resolve_on_spot self_resolved",
    "nonsense": "village void void",
    "nonsense, says the meeting": "village put_on_agenda judging  town void void",
    "not ours": "village reject rejected",
    "proposed and refused": "village propose_reject reported  town reject rejected",
    "the meeting refuses": """
        village put_on_agenda judging  village propose_reject judging  town reject rejected
    """,
    "an appeal that was right": """
        village reject rejected  head appeal rejected  town uphold_appeal reported
        village file filed
    """,
    "an appeal that was not": """
        village void void  head appeal void  town refuse_appeal void
    """,
    "an appeal against a void that was right": """
        village void void  head appeal void  town uphold_appeal reported
    """,
    "a refused refusal": "town reject rejected  head appeal rejected  county refuse_appeal rejected",
    "recalled before anybody began": """
        village file filed  town dispatch dispatched  town recall filed  town dispatch dispatched
    """,
    "handed back": """
        village file filed  town dispatch dispatched  clerk ask_return dispatched
        town approve_return filed  town dispatch dispatched  clerk accept handling
        clerk ask_return handling  town refuse_return handling  clerk submit_result feedback
    """,
    "handed back while at it": f"{READY}  clerk ask_return handling  leader approve_return filed",
    "refused to take back": """
        village file filed  town dispatch dispatched  clerk ask_return dispatched
        town refuse_return dispatched  clerk accept handling
    """,
    "asked and withdrawn": f"""
        {READY}  clerk ask_return handling  clerk withdraw_request handling
        clerk submit_result feedback
    """,
    "asked before accepting, and withdrawn": """
        village file filed  town dispatch dispatched  clerk ask_return dispatched
        clerk withdraw_request dispatched  clerk accept handling
    """,
    "three times handed back, then for good": """
        village file filed  town dispatch dispatched
        clerk ask_return dispatched  town approve_return filed  town dispatch dispatched
        clerk ask_return dispatched  town approve_return filed  town dispatch dispatched
        clerk ask_return dispatched  leader assign_for_good dispatched  clerk accept handling
        clerk submit_result feedback
    """,
    "handed back the third time while at it": """
        village file filed  town dispatch dispatched
        clerk ask_return dispatched  town approve_return filed  town dispatch dispatched
        clerk ask_return dispatched  town approve_return filed  town dispatch dispatched
        clerk accept handling  clerk ask_return handling  county assign_for_good dispatched
        clerk accept handling
    """,
    "two extensions": f"""
        {READY}  clerk ask_extension handling  town approve_extension handling
        clerk ask_extension handling  town approve_extension handling  clerk submit_result feedback
    """,
    "an extension refused": f"{READY}  clerk ask_extension handling  town refuse_extension handling",
    "put by, and taken up again": f"""
        {READY}  clerk ask_suspension handling  town approve_suspension suspended
        town resume handling  clerk submit_result feedback
    """,
    "not put by": f"{READY}  clerk ask_suspension handling  town refuse_suspension handling",
    "with a helper": f"""
        {READY}  clerk add_co handling  helper co_accept handling  helper co_arrive handling
        helper co_submit handling  clerk submit_result feedback
    """,
    "with a helper who cannot": f"""
        {READY}  clerk add_co handling  helper co_decline handling  clerk submit_result feedback
    """,
    "with a helper who is released": f"""
        {READY}  clerk add_co handling  town set_help_time handling  town remove_co handling
        clerk submit_result feedback
    """,
    "whistled for": f"""
        {READY}  town whistle handling  water co_accept handling  water co_arrive handling
        water co_submit handling  clerk submit_result feedback
    """,
    "poor evidence": f"{DONE}  town rework handling  clerk submit_result feedback",
    "the recheck fails": f"{DONE}  town request_recheck rechecking  grid recheck_failed handling",
    "the reporter says no, then yes": f"""
        {ASKED}  head not_solved handling  clerk submit_result feedback
        town start_follow_up following_up  head answer_solved following_up  town close closed
    """,
    "called, and then said yes": f"""
        {ASKED}  town record_call following_up  village record_call following_up
        head answer_solved following_up  town close closed
    """,
    "explained": f"""
        {ASKED}  head not_solved handling  clerk submit_result feedback
        town start_follow_up following_up  town close_with_explanation closed
    """,
    "still there": f"{CLOSED}  head ask_reopen closed  town reopen handling  clerk submit_result feedback",
    "not there any more": f"{CLOSED}  head ask_reopen closed  town refuse_reopen closed",
    "watched from above": f"""
        {READY}  county supervise handling  clerk answer_supervision handling
        county lift_supervision handling
    """,
    "urged, and taken up": f"""
        {READY}  head urge handling  town escalate handling  county escalate handling
    """,
    "for the police": "town transfer_out transferred",
    "for a court, late": f"{ASKED}  county transfer_out transferred",
}


def tell(town: Town, cast: Cast, story: str, **changes: Any) -> UUID:
    event_id = reported(town, cast("head"), **changes)
    live(town, cast, event_id, story)
    return event_id


def live(town: Town, cast: Cast, event_id: UUID, story: str, **changes: Any) -> None:
    words = story.split()
    for who, action, expected in zip(words[::3], words[1::3], words[2::3], strict=True):
        if action == "correct_position":
            lon, lat = town.sites[cast("head").area_code]
            changes = {"position": {"lon": lon, "lat": lat, "crs": "WGS84", "confirmed": True}}
        take(town, cast(who), event_id, action, **changes)
        assert the(event_id).state == expected, f"after {who} {action}"


def the(event_id: UUID) -> Event:
    with unit_of_work(system("359902")) as session:
        return session.scalars(select(Event).where(Event.id == event_id)).one()


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_story(town: Town, cast: Cast, story: str) -> None:
    # Small matters may be fixed on the spot, and ask for no recheck.
    event_id = tell(town, cast, story, category="0301")
    holds_together(event_id)


def holds_together(event_id: UUID) -> None:
    """The log is whole, and tells the same state as the row."""
    event = the(event_id)
    with unit_of_work(system("359902")) as session:
        entries = queries.log_of(session, event)
    assert journal.broken_at(entries, event.log_head) is None
    state = None
    for entry in entries:
        assert entry.from_state == state
        state = entry.to_state
    assert state == event.state
    assert (event.closed_at is not None) == (State(event.state) in TERMINAL)


# Told below with what they need besides.
TOLD_ELSEWHERE = {
    (State.REPORTED, Action.CORRECT_POSITION), (State.REPORTED, Action.RESOLVE_ON_SPOT),
    (State.SELF_RESOLVED, Action.CHECK_SAMPLE), (State.SELF_RESOLVED, Action.ASK_REOPEN),
    (State.SELF_RESOLVED, Action.REOPEN), (State.SELF_RESOLVED, Action.REFUSE_REOPEN),
    (State.REPORTED, Action.MERGE), (State.JUDGING, Action.MERGE), (State.FILED, Action.MERGE),
    (State.MERGED, Action.UNDO_MERGE), (State.MERGED, Action.APPEAL),
    (State.MERGED, Action.ANSWER_SOLVED), (State.MERGED, Action.NOT_SOLVED),
    (State.MERGED, Action.ASK_REOPEN), (State.MERGED, Action.UPHOLD_APPEAL), (State.MERGED, Action.REFUSE_APPEAL),
    (State.REPORTED, Action.FAST_TRACK), (State.DISPATCHED, Action.FILE_AFTERWARDS),
    # In tests/events/test_objecting.py.
    (State.HANDLING, Action.OBJECT_TO_REWORK), (State.HANDLING, Action.UPHOLD_OBJECTION),
    (State.HANDLING, Action.REFUSE_OBJECTION),
    # In tests/events/test_helping.py.
    (State.DISPATCHED, Action.SET_HELP_TIME),
    # In tests/intake/test_placeless.py: what is filed and has no place yet.
    (State.FILED, Action.CORRECT_POSITION),
    (State.FEEDBACK, Action.CLOSE_WITHOUT_FOLLOW_UP), (State.CLOSED, Action.REPORT_AGAIN),
    (State.JUDGING, Action.CARRY_BY_ITEM), (State.FILED, Action.CARRY_BY_ITEM),
    (State.HANDLING, Action.CARRY_BY_ITEM), (State.HANDLING, Action.RECALL),
    (State.RECHECKING, Action.CLOSE_WITHOUT_FOLLOW_UP),
}  # fmt: skip
# The same wherever the event stands: told once each above.
ANYWHERE = {
    Action.ESCALATE, Action.SUPERVISE, Action.ANSWER_SUPERVISION, Action.LIFT_SUPERVISION,
    Action.URGE, Action.RESTRICT, Action.TRANSFER_OUT, Action.FILE_AFTERWARDS,
}  # fmt: skip


def test_every_rule_is_in_a_story() -> None:
    told = set(TOLD_ELSEWHERE)
    for story in STORIES.values():
        words = story.split()
        states = ["reported", *words[2::3]]
        told |= {(State(s), Action(a)) for s, a in zip(states, words[1::3], strict=False)}
    untold = {rule for rule in set(workflow.RULES) - told if rule[1] not in ANYWHERE}
    assert untold == set()
    assert told <= set(workflow.RULES)


def test_fixed_on_the_spot_and_what_may_follow(town: Town, cast: Cast) -> None:
    sampled: UUID | None = None
    for _ in range(400):
        event_id = tell(town, cast, "head resolve_on_spot self_resolved", category="0301")
        if the(event_id).sampled:
            sampled = event_id
            break
    assert sampled is not None, "one in twenty is drawn"
    live(town, cast, sampled, "town check_sample self_resolved")
    assert not the(sampled).sampled
    live(
        town,
        cast,
        sampled,
        """
        head ask_reopen self_resolved  town refuse_reopen self_resolved
        head ask_reopen self_resolved  town reopen reported  village file filed
    """,
    )
    assert the(sampled).reopen_count == 1
    holds_together(sampled)


def test_merged_parted_and_appealed(town: Town, cast: Cast) -> None:
    number = the(tell(town, cast, "village file filed")).event_no
    for before in ("", "village put_on_agenda judging", "village file filed"):
        event_id = tell(town, cast, before)
        live(town, cast, event_id, "village merge merged", master=number)
        live(town, cast, event_id, "village undo_merge reported")
        assert the(event_id).master_id is None and the(event_id).due_at is None
        live(town, cast, event_id, "village merge merged", master=number)
        live(town, cast, event_id, "head appeal merged  town refuse_appeal merged")
        holds_together(event_id)
    event_id = tell(town, cast, "")
    live(town, cast, event_id, "village merge merged", master=number)
    live(
        town, cast, event_id, "head appeal merged  town uphold_appeal reported  village file filed"
    )


def test_a_gas_leak_goes_out_before_it_is_filed(town: Town, cast: Cast) -> None:
    event_id = tell(
        town, cast, "head fast_track dispatched  town file_afterwards dispatched", category="0304"
    )
    event = the(event_id)
    assert event.fast_track and event.due_at is not None and event.condition_code == "a"
    live(town, cast, event_id, "clerk accept handling  clerk submit_result feedback")
    other = tell(town, cast, "head fast_track dispatched  clerk accept handling", category="0304")
    live(town, cast, other, "clerk submit_result feedback  town start_follow_up following_up")
    live(town, cast, other, "head answer_solved following_up")
    refused(town, cast, other, "town close", "file_first")


def test_a_camera_is_not_asked(town: Town, cast: Cast) -> None:
    for way in ("", "town request_recheck rechecking  grid pass_recheck rechecking"):
        event_id = tell(town, cast, f"{DONE}  {way}", anonymous=True)
        live(town, cast, event_id, "town close_without_follow_up closed")


def refused(
    town: Town, cast: Cast, event_id: UUID, step: str, because: str, **changes: Any
) -> None:
    who, action = step.split()
    before = the(event_id).log_seq
    with pytest.raises(Refused) as said:
        take(town, cast(who), event_id, action, **changes)
    assert said.value.code == because
    assert the(event_id).log_seq == before


REFUSED = [
    ("somebody else's unit", "", "stranger urge", "event_not_found"),
    ("a clerk files", READY, "clerk file", "not_allowed_here"),
    ("a handler closes", DONE, "clerk close_without_follow_up", "not_yours"),
    ("closed before the reporter spoke", ASKED, "town close", "reporter_not_heard"),
    ("follow-up before the recheck is in", f"{DONE}  town request_recheck rechecking", "town start_follow_up", "recheck_still_out"),
    ("rechecked by who reported", f"{DONE}  town request_recheck rechecking", "head pass_recheck", "you_reported"),
    ("rechecked twice", f"{DONE}  town request_recheck rechecking  grid pass_recheck rechecking", "grid pass_recheck", "recheck_answered"),
    ("the town rechecks where the place can", f"{DONE}  town request_recheck rechecking", "town2 pass_recheck", "place_can_recheck"),
    ("no call-back where a person can be asked", DONE, "town close_without_follow_up", "reporter_must_be_asked"),
    ("not solved, a second time", f"{ASKED}  head not_solved handling  clerk submit_result feedback  town start_follow_up following_up", "head not_solved", "ask_town_again"),
    ("explained before anybody objected", ASKED, "town close_with_explanation", "not_objected_yet"),
    ("a result while a request waits", f"{READY}  clerk ask_extension handling", "clerk submit_result", "request_open"),
    ("a result before the helper's", f"{READY}  clerk add_co handling", "clerk submit_result", "co_still_working"),
    ("claimed by who offered nothing of it", "village file filed  town offer dispatched  clerk claim handling", "helper accept", "event_not_found"),
    ("accepted where it must be claimed", "village file filed  town offer dispatched", "clerk accept", "not_yours"),
    ("a third extension", f"{READY}  clerk ask_extension handling  town approve_extension handling  clerk ask_extension handling  town approve_extension handling", "clerk ask_extension", "extensions_used"),
    ("a second suspension", f"{READY}  clerk ask_suspension handling  town approve_suspension suspended  town resume handling", "clerk ask_suspension", "suspended_before"),
    ("worked on while put by", f"{READY}  clerk ask_suspension handling  town approve_suspension suspended", "clerk submit_result", "not_allowed_here"),
    ("the third return decided by the town", "village file filed  town dispatch dispatched  clerk ask_return dispatched  town approve_return filed  town dispatch dispatched  clerk ask_return dispatched  town approve_return filed  town dispatch dispatched  clerk ask_return dispatched", "town approve_return", "third_return_goes_up"),
    ("handed back after it was assigned for good", "village file filed  town dispatch dispatched  clerk ask_return dispatched  town approve_return filed  town dispatch dispatched  clerk ask_return dispatched  town approve_return filed  town dispatch dispatched  clerk ask_return dispatched  leader assign_for_good dispatched", "clerk ask_return", "assigned_for_good"),
    ("an appeal decided by who decided", "town reject rejected  head appeal rejected", "town uphold_appeal", "you_decided"),
    ("an appeal decided on the same level", "town reject rejected  head appeal rejected", "town2 uphold_appeal", "decided_one_level_up"),
    ("a second appeal", "village reject rejected  head appeal rejected  town refuse_appeal rejected", "head appeal", "appealed_already"),
    ("urged twice a day", "head urge reported", "head urge", "urged_today"),
    ("fixed on the spot where it is no small matter", "", "head resolve_on_spot", "category_needs_handling"),
    ("a street light by the fast track", "", "head fast_track", "category_not_fast"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "step", "because"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_refused(town: Town, cast: Cast, before: str, step: str, because: str) -> None:
    event_id = tell(town, cast, before, category="0204")
    refused(town, cast, event_id, step, because)


def test_the_third_return_goes_up_by_itself(town: Town, cast: Cast) -> None:
    returned = "town dispatch dispatched  clerk ask_return dispatched"
    story = f"village file filed  {returned}  town approve_return filed  {returned}  town approve_return filed  {returned}"
    event = the(tell(town, cast, story))
    assert (event.return_count, event.escalated_to, event.asked) == (2, "county", ["return"])


def test_an_extension_is_asked_before_it_is_due_and_adds_one_limit(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, READY, category="0201")
    due = the(event_id).due_at
    assert due is not None
    live(town, cast, event_id, "clerk ask_extension handling  town approve_extension handling")
    assert the(event_id).due_at == due + timedelta(hours=12)
    with clock.at(due + timedelta(hours=12, seconds=1)):
        refused(town, cast, event_id, "clerk ask_extension", "extension_after_due")


def test_a_suspension_stops_the_clock_and_nothing_else_does(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, READY, category="0201")
    filed, due = the(event_id).filed_at, the(event_id).due_at
    assert filed is not None and due is not None
    with clock.at(filed + timedelta(hours=2)):
        live(town, cast, event_id, "clerk ask_return handling  town refuse_return handling")
        assert the(event_id).due_at == due
        live(town, cast, event_id, "clerk ask_suspension handling", until=filed + timedelta(days=5))
        live(town, cast, event_id, "town approve_suspension suspended")
    with clock.at(filed + timedelta(days=3)):
        live(town, cast, event_id, "town resume handling")
    # Two of twelve hours were used; ten remain from the moment at which it went on.
    assert abs((the(event_id).due_at or due) - (filed + timedelta(days=3, hours=10))) < timedelta(
        seconds=5
    )


def test_a_town_suspends_for_ninety_days_and_no_longer(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, READY)
    far = clock.now() + timedelta(days=200)
    live(town, cast, event_id, "clerk ask_suspension handling", until=far)
    refused(town, cast, event_id, "town approve_suspension", "suspension_beyond_town")
    live(town, cast, event_id, "county approve_suspension suspended")
    assert the(event_id).suspended_until == far


def test_a_residents_report_is_turned_away_by_two_people(town: Town, cast: Cast) -> None:
    body = a_report(town, cast("head").area_code)
    with unit_of_work(cast("resident")) as session:
        event_id = UUID(reporting.report(session, cast("resident"), body)["id"])
    refused(town, cast, event_id, "village reject", "reject_needs_proposal")
    live(town, cast, event_id, "village propose_reject reported")
    refused(town, cast, event_id, "village reject", "reject_needs_second_person")
    live(town, cast, event_id, "town reject rejected")


def test_a_restricted_case_is_seen_by_those_named_and_nobody_else(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, READY, category="0501")
    live(town, cast, event_id, "town restrict handling", people=["demo-village"])
    sees, by_policy, by_filter = set(), set(), set()
    owner = create_engine(get_settings().owner_url)
    for who in ("head", "grid", "village", "town", "town2", "county", "city", "clerk", "leader"):
        actor = cast(who)
        with unit_of_work(actor) as session:
            if queries.one(session, actor, event_id) is not None:
                sees.add(who)
            # Row-level security alone, without the application's filter ...
            if session.scalar(select(Event.id).where(Event.id == event_id)) is not None:
                by_policy.add(who)
            lon, lat = town.sites[cast("head").area_code]
            near = {e.id for e, _ in queries.near(session, actor, lon, lat, 500)}
            assert event_id not in near
        # ... and the filter alone, for the owner, whom no policy holds.
        with Session(owner) as unprotected:
            found = queries.visible_to(actor).where(Event.id == event_id)
            if unprotected.scalar(found) is not None:
                by_filter.add(who)
    owner.dispose()
    assert sees == by_policy == by_filter
    # Who reported, who restricted and who is at it are named with them.
    assert sees == {"head", "village", "town", "clerk"}


def test_duties_are_separate_over_all_posts_of_a_person(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, "village file filed")
    people = {"reporter": replace(cast("town"), id=cast("head").id)}
    refused(town, people.__getitem__, event_id, "reporter dispatch", "you_reported")
    live(town, cast, event_id, "town dispatch dispatched")
    people = {"dispatcher": replace(cast("clerk"), id=cast("town").id)}
    refused(town, people.__getitem__, event_id, "dispatcher accept", "you_dispatched")


def test_organizations_help_once_and_only_where_they_serve(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, READY)
    refused(
        town,
        cast,
        event_id,
        "clerk add_co",
        "organization_has_it",
        organization_id=town.bodies[LEAD],
    )
    live(town, cast, event_id, "clerk add_co handling")
    refused(town, cast, event_id, "clerk add_co", "organization_has_it")


def test_a_pool_is_seen_by_those_who_may_claim_it_until_one_has(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, "village file filed  town offer dispatched")
    sees = {who for who in ("clerk", "helper") if seen_by(cast(who), event_id)}
    assert sees == {"clerk", "helper"} and the(event_id).lead_organization_id is None
    live(town, cast, event_id, "helper claim handling")
    assert the(event_id).lead_organization_id == cast("helper").organization_id
    assert [who for who in ("clerk", "helper") if seen_by(cast(who), event_id)] == ["helper"]
    one = tell(town, cast, "village file filed")
    refused(
        town, cast, one, "town offer", "needs_organizations",
        co_organizations=[town.bodies[LEAD], town.bodies[LEAD]],
    )  # fmt: skip


def seen_by(actor: Actor, event_id: UUID) -> bool:
    with unit_of_work(actor) as session:
        return queries.one(session, actor, event_id) is not None


def passed_on() -> None:
    while delivery.drain("359902", HANDLERS):
        pass


def test_whoever_reported_the_same_is_asked_and_heard(town: Town, cast: Cast) -> None:
    main, other = tell(town, cast, ASKED), tell(town, cast, "")
    early = tell(town, cast, DONE)
    live(town, cast, other, "village merge merged", master=the(early).event_no)
    refused(town, cast, other, "head answer_solved", "main_not_asking")
    other = tell(town, cast, "")
    live(town, cast, other, "village merge merged", master=the(main).event_no)
    live(town, cast, other, "head answer_solved merged")
    passed_on()
    assert the(main).state == "following_up", "one yes does not speak for the others"
    live(town, cast, other, "head not_solved merged", note="还在漏水")
    passed_on()
    assert the(main).state == "handling" and the(main).unsolved_count == 1
    with unit_of_work(system("359902")) as session:
        said = queries.log_of(session, the(main))[-1]
    assert (said.action, said.role) == ("not_solved", "system")
    assert said.note == f"{the(other).event_no}: 还在漏水"
    live(town, cast, main, "clerk submit_result feedback  town start_follow_up following_up")
    refused(town, cast, other, "head not_solved", "ask_town_again")
    holds_together(main)
    holds_together(other)


def test_still_there_says_another_reporter_after_the_end(town: Town, cast: Cast) -> None:
    main, other = tell(town, cast, ASKED), tell(town, cast, "")
    live(town, cast, other, "village merge merged", master=the(main).event_no)
    refused(town, cast, other, "head ask_reopen", "main_not_closed")
    live(town, cast, main, "head answer_solved following_up  town close closed")
    with clock.at(clock.now() + timedelta(days=8)):
        refused(town, cast, other, "head ask_reopen", "objection_too_late")
    live(town, cast, other, "head ask_reopen merged")
    for _ in range(2):
        passed_on()
    assert the(main).asked == ["reopen"] and the(other).asked == []
    live(town, cast, main, "town reopen handling")


def test_no_and_closed_at_the_same_moment_asks_for_it_again(town: Town, cast: Cast) -> None:
    main, other = tell(town, cast, ASKED), tell(town, cast, "")
    live(town, cast, other, "village merge merged", master=the(main).event_no)
    live(town, cast, other, "head not_solved merged")
    live(town, cast, main, "head answer_solved following_up  town close closed")
    passed_on()
    assert (the(main).state, the(main).asked) == ("closed", ["reopen"])


def test_carried_on_by_an_item_followed_and_objected_to(
    town: Town, cast: Cast, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    item_id = a_promising_item(town, cast("village"), title="排水管改造")
    for before, again in (
        ("village put_on_agenda judging", "town report_again reported"),
        ("village file filed", "town report_again reported"),
        (READY, "town reopen handling"),
    ):
        event_id = tell(town, cast, before)
        live(town, cast, event_id, "village carry_by_item closed", item_id=item_id)
        event = the(event_id)
        assert event.item_id == item_id and event.closed_at is not None
        passed_on()
        with unit_of_work(cast("head")) as session:
            told = session.scalars(
                select(Notice.about).where(
                    Notice.account_id == cast("head").id, Notice.event_id == event_id
                )
            ).all()
        assert "told.carry_by_item" in told
        # The reporter sees no lists, and follows this one.
        shown = client.get(f"/api/events/{event_id}", headers=as_actor(cast("head"))).json()
        carried = shown["carried_by"]
        assert (carried["title"], carried["state"]) == ("排水管改造", "claimed")
        live(town, cast, event_id, "head ask_reopen closed")
        wrong = "reopen" if "report_again" in again else "report_again"
        refused(
            town, cast, event_id, f"town {wrong}", "never_led" if wrong == "reopen" else "was_led"
        )
        live(town, cast, event_id, again)
        assert the(event_id).item_id is None
        holds_together(event_id)
        live(town, cast, event_id, "town transfer_out transferred")


def test_an_item_raised_into_another_keeps_its_followers(
    town: Town, cast: Cast, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    item_id = proposed(cast("village"), "problem", title="排水管年年堵")
    take_item(town, cast("village"), item_id, "assign")
    event_id, other = tell(town, cast, "village file filed"), tell(town, cast, "")
    live(town, cast, other, "town merge merged", master=the(event_id).event_no)
    live(town, cast, event_id, "village carry_by_item closed", item_id=item_id)
    take_item(town, cast("village"), item_id, "raise", title="排水管改造")
    for one in (event_id, other):
        shown = client.get(f"/api/events/{one}", headers=as_actor(cast("head"))).json()
        assert shown["carried_by"]["title"] == "排水管改造"
    with unit_of_work(system("359902")) as session:
        after = UUID(shown["carried_by"]["id"])
        links = session.scalars(select(ItemEvent).where(ItemEvent.item_id == after)).all()
        assert [(link.event_id, link.carried) for link in links] == [(event_id, True)]
    take_item(town, cast("village"), after, "assign")
    passed_on()
    take_item(town, cast("clerk"), after, "start")
    passed_on()
    with unit_of_work(cast("head")) as session:
        told = session.scalars(
            select(Notice.about).where(
                Notice.account_id == cast("head").id, Notice.item_id == after
            )
        ).all()
    assert list(told) == ["told.item_moved"], "once, though two of the own reports follow it"


def test_a_case_that_nobody_leads_is_taken_back_and_sent_out(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, READY)
    refused(town, cast, event_id, "town recall", "somebody_leads")
    with unit_of_work(system("359902")) as session:
        session.get_one(Event, ("359902", event_id)).lead_organization_id = None
    live(town, cast, event_id, "town recall filed  town dispatch dispatched")


def test_only_what_promises_something_carries_an_event(town: Town, cast: Cast) -> None:
    event_id = tell(town, cast, "village file filed")
    idle = proposed(cast("village"))
    refused(town, cast, event_id, "village carry_by_item", "item_promises_nothing", item_id=idle)
    over = a_promising_item(town, cast("village"))
    take_item(town, cast("village"), over, "abandon")
    refused(town, cast, event_id, "village carry_by_item", "item_ended", item_id=over)
    refused(town, cast, event_id, "village carry_by_item", "item_unknown", item_id=event_id)
    refused(town, cast, event_id, "village carry_by_item", "needs_item")


def test_two_people_answer_one_request_and_one_is_told(town: Town, cast: Cast) -> None:
    for first, second in (("town", "town2"), ("town2", "county")) * 3:
        event_id = tell(town, cast, f"{READY}  clerk ask_extension handling")
        together = Barrier(2)

        def answer(who: str, event_id: UUID = event_id, together: Barrier = together) -> str | None:
            together.wait()
            try:
                take(town, cast(who), event_id, "approve_extension")
            except Refused as refusal:
                return refusal.code
            return None

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(answer, (first, second)), key=str)
        assert said == [None, "nothing_asked_extension"]
        assert the(event_id).extension_count == 1
        holds_together(event_id)
