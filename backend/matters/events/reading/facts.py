"""What the rules must know about an event, read from its log and its row."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from backend.core import day
from backend.matters.categories.models import Category
from backend.matters.events.casework.measures import Deed
from backend.matters.events.facts import Facts
from backend.matters.events.kin import Main, Others
from backend.matters.events.models import Assignment, Event, EventAction
from backend.matters.events.vocabulary import OVER, TERMINAL, Action, Ask, State

HANDLED = (Action.ACCEPT, Action.CLAIM, Action.SUBMIT_RESULT, Action.CO_ACCEPT, Action.CO_SUBMIT)
DISPATCHED = (Action.DISPATCH, Action.OFFER, Action.FAST_TRACK, Action.ASSIGN_FOR_GOOD)
# What can be appealed against: whoever did the last of these decided.
DECISIONS = (
    Action.REJECT, Action.VOID, Action.MERGE, Action.REWORK, Action.RECHECK_FAILED,
)  # fmt: skip
# Of a demand to do it again that says no day, from before there were any.
OBJECT_WITHIN = timedelta(days=1)
# What is done next about it: then there is nothing to object to any more.
SETTLES_REWORK = frozenset(
    {
        Action.SUBMIT_RESULT, Action.UPHOLD_OBJECTION, Action.NOT_SOLVED, Action.REOPEN,
        Action.APPROVE_RETURN, *DISPATCHED,
    }
)  # fmt: skip
NO_OTHERS = Others()


def facts_of(
    event: Event, entries: Sequence[EventAction], category: Category | None, reachable: bool,
    assignments: Sequence[Assignment], now: datetime, *,
    master: Main | None = None, others: Others = NO_OTHERS,
    local_people: frozenset[UUID] = frozenset(), led_by_village: bool = False,
) -> Facts:  # fmt: skip
    """The facts of one event. Persons count over all of their posts."""
    by: dict[str, set[UUID]] = {}
    rechecked_by: set[UUID] = set()
    recheck_passed = said_solved = said_unsolved = False
    appealed = assigned_for_good = suspended_before = return_late = False
    reporter_unsolved = 0
    called_in_vain: set[date] = set()
    reject_proposed_by: set[UUID] = set()
    decided: EventAction | None = None
    asked_until: datetime | None = None
    return_reason: str | None = None
    object_by: datetime | None = None
    objected = False
    urged: set[UUID] = set()
    today = day.of(now)
    for entry in entries:
        by.setdefault(entry.action, set()).add(entry.actor_id)
        if entry.action in SETTLES_REWORK:
            object_by, objected = None, False
        if entry.from_state in TERMINAL and entry.to_state == State.REPORTED:
            # Taken in anew: what was proposed before is no opinion on it any more.
            reject_proposed_by.clear()
        match entry.action:
            case Action.REWORK | Action.RECHECK_FAILED:
                by_then = entry.details.get("object_by")
                object_by = datetime.fromisoformat(by_then) if by_then else entry.at + OBJECT_WITHIN
                objected = False
            case Action.OBJECT_TO_REWORK:
                objected = True
            case Action.SUBMIT_RESULT | Action.REOPEN:
                recheck_passed = said_solved = said_unsolved = False
                rechecked_by.clear()
                called_in_vain.clear()
            case Action.PASS_RECHECK:
                recheck_passed = True
                rechecked_by.add(entry.actor_id)
            case Action.ANSWER_SOLVED:
                said_solved, said_unsolved = True, False
            case Action.RECORD_CALL:
                survey = entry.details.get("survey") or {}
                if survey.get("reached") is False:
                    called_in_vain.add(day.of(entry.at))
                else:
                    said_solved |= survey.get("solved") is True
                    said_unsolved |= survey.get("solved") is False
            case Action.NOT_SOLVED:
                reporter_unsolved += bool(entry.details.get("by_reporter") or said_unsolved)
            case Action.PROPOSE_REJECT:
                reject_proposed_by.add(entry.actor_id)
            case Action.APPEAL:
                appealed = True
            case Action.ASSIGN_FOR_GOOD:
                assigned_for_good = True
            case Action.APPROVE_SUSPENSION:
                suspended_before = True
            case Action.ASK_RETURN:
                return_reason = entry.details.get("reason")
                return_late = entry.from_state == State.HANDLING or "late" in entry.details
            case Action.ASK_SUSPENSION:
                asked_until = datetime.fromisoformat(entry.details["until"])
            case Action.URGE:
                if day.of(entry.at) == today:
                    urged.add(entry.actor_id)
        if entry.action in DECISIONS:
            decided = entry

    def people(*actions: Action) -> frozenset[UUID]:
        return frozenset().union(*(by.get(action, set()) for action in actions))

    # Who took a call down reported nothing, and may do any duty.
    first = entries[0] if entries else None
    told = first is not None and first.action == Action.SUBMIT
    submitted = first.actor_id if first and told and not first.details.get("on_behalf") else None
    # The log knows who sent an anonymous report; duties stay separate, the name stays hidden.
    reporter = event.reporter_id or (submitted if submitted and submitted.int else None)
    involved = people(*HANDLED, *DISPATCHED) | ({reporter} if reporter else set())
    return Facts(
        state=State(event.state), county_code=event.county_code, area_code=event.area_code,
        source=event.source, reporter_id=reporter, now=now,
        lead_organization_id=event.lead_organization_id,
        self_resolve_allowed=bool(category and category.self_resolve_allowed),
        fast_track=bool(category and category.fast_track),
        recheck_required=bool(category and category.recheck_required),
        crs_suspect=event.crs_suspect is not None,
        reachable=reachable,
        filed=event.filed_at is not None, due_at=event.due_at, ended_at=event.closed_at,
        dispatched_by=people(*DISPATCHED), handled_by=people(*HANDLED),
        reject_proposed_by=frozenset(reject_proposed_by),
        decided_by=decided.actor_id if decided else None,
        decided_role=decided.role if decided else "",
        recheck_passed=recheck_passed, rechecked_by=frozenset(rechecked_by),
        led_by_village=led_by_village, said_solved=said_solved, said_unsolved=said_unsolved,
        days_in_vain=len(called_in_vain),
        reporter_unsolved=reporter_unsolved,
        asked=frozenset(Ask(kind) for kind in event.asked), appealed=appealed,
        object_by=object_by, objected=objected,
        result_at=max(
            (a.submitted_at for a in assignments if a.lead and a.submitted_at), default=None
        ),
        returns=event.return_count, return_reason=return_reason, return_late=return_late,
        assigned_for_good=assigned_for_good,
        extensions=event.extension_count, suspended_before=suspended_before,
        asked_until=asked_until,
        offered=frozenset(a.organization_id for a in assignments if a.status == "offered"),
        co={
            a.organization_id: a.status for a in assignments if not a.lead and a.status not in OVER
        },
        master_state=master.state if master else None,
        master_ended_at=master.ended_at if master else None,
        others_reachable=others.reachable, others_solved=others.solved,
        escalated_to=event.escalated_to,
        supervised=event.supervised_until is not None,
        supervision_level=event.supervision_level, supervised_by=event.supervision_by,
        supervision_answered=event.supervision_answered_at is not None,
        urged_today_by=frozenset(urged),
        restricted=event.restricted, restricted_by_hand=bool(by.get(Action.RESTRICT)),
        sampled=event.sampled, local_recheckers=local_people - involved,
        past=tuple(
            Deed(e.action, e.from_state, e.to_state, e.role, e.at, e.details) for e in entries
        ),
    )  # fmt: skip
