"""The words of the event process: states, actions, parties, and what a step must bring."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where an event stands. Values are stored; renaming one is a migration."""

    REPORTED = "reported"
    VERIFYING = "verifying"
    JUDGING = "judging"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    FEEDBACK = "feedback"
    RECHECKING = "rechecking"
    FOLLOWING_UP = "following_up"
    CLOSED = "closed"
    SELF_RESOLVED = "self_resolved"
    REJECTED = "rejected"
    VOID = "void"
    MERGED = "merged"
    TRANSFERRED = "transferred"


TERMINAL = frozenset(
    {
        State.CLOSED, State.SELF_RESOLVED, State.REJECTED, State.VOID, State.MERGED,
        State.TRANSFERRED,
    }
)  # fmt: skip
ACTIVE = frozenset(State) - TERMINAL
# Ends that are few among those whom somebody had to do with: nearly all of that was closed.
ASIDE = TERMINAL - {State.CLOSED}
# The event clock runs from filing to feedback.
CLOCK_RUNS = frozenset({State.FILED, State.DISPATCHED, State.HANDLING})


class Action(StrEnum):
    """What somebody does to an event."""

    SUBMIT = "submit"
    IMPORTED = "imported"
    # Intake.
    CORRECT_POSITION = "correct_position"
    REQUEST_VERIFICATION = "request_verification"
    SUBMIT_VERIFICATION = "submit_verification"
    PUT_ON_AGENDA = "put_on_agenda"
    PUT_OFF = "put_off"
    RESOLVE_ON_SPOT = "resolve_on_spot"
    CHECK_SAMPLE = "check_sample"
    FILE = "file"
    PROPOSE_REJECT = "propose_reject"
    REJECT = "reject"
    VOID = "void"
    APPEAL = "appeal"
    UPHOLD_APPEAL = "uphold_appeal"
    REFUSE_APPEAL = "refuse_appeal"
    MERGE = "merge"
    UNDO_MERGE = "undo_merge"
    # Giving it to whoever must do it.
    DISPATCH = "dispatch"
    OFFER = "offer"
    CLAIM = "claim"
    FAST_TRACK = "fast_track"
    FILE_AFTERWARDS = "file_afterwards"
    RECALL = "recall"
    ACCEPT = "accept"
    ASSIGN_HANDLER = "assign_handler"
    ASK_RETURN = "ask_return"
    APPROVE_RETURN = "approve_return"
    REFUSE_RETURN = "refuse_return"
    ASSIGN_FOR_GOOD = "assign_for_good"
    # Handling.
    ASK_EXTENSION = "ask_extension"
    APPROVE_EXTENSION = "approve_extension"
    REFUSE_EXTENSION = "refuse_extension"
    ASK_SUSPENSION = "ask_suspension"
    APPROVE_SUSPENSION = "approve_suspension"
    REFUSE_SUSPENSION = "refuse_suspension"
    RESUME = "resume"
    WITHDRAW_REQUEST = "withdraw_request"
    ADD_CO = "add_co"
    WHISTLE = "whistle"
    SET_HELP_TIME = "set_help_time"
    REMOVE_CO = "remove_co"
    CO_ACCEPT = "co_accept"
    CO_ARRIVE = "co_arrive"
    CO_SUBMIT = "co_submit"
    CO_DECLINE = "co_decline"
    SUBMIT_RESULT = "submit_result"
    # Checking, asking, ending.
    REWORK = "rework"
    OBJECT_TO_REWORK = "object_to_rework"
    UPHOLD_OBJECTION = "uphold_objection"
    REFUSE_OBJECTION = "refuse_objection"
    REQUEST_RECHECK = "request_recheck"
    PASS_RECHECK = "pass_recheck"  # noqa: S105 (not a password)
    RECHECK_FAILED = "recheck_failed"
    START_FOLLOW_UP = "start_follow_up"
    RECORD_CALL = "record_call"
    ANSWER_SOLVED = "answer_solved"
    NOT_SOLVED = "not_solved"
    CLOSE = "close"
    CLOSE_WITH_EXPLANATION = "close_with_explanation"
    CLOSE_WITHOUT_FOLLOW_UP = "close_without_follow_up"
    CARRY_BY_ITEM = "carry_by_item"
    ASK_REOPEN = "ask_reopen"
    REOPEN = "reopen"
    REPORT_AGAIN = "report_again"
    REFUSE_REOPEN = "refuse_reopen"
    # At any time.
    ESCALATE = "escalate"
    SUPERVISE = "supervise"
    ANSWER_SUPERVISION = "answer_supervision"
    LIFT_SUPERVISION = "lift_supervision"
    URGE = "urge"
    RESTRICT = "restrict"
    TRANSFER_OUT = "transfer_out"


class Party(StrEnum):
    """Standing in one event that comes from the event, not from a post's role."""

    REPORTER = "reporter"
    LEAD = "lead"
    CO = "co"
    # One of those who may claim it from the pool.
    OFFERED = "offered"


class Need(StrEnum):
    """What a step must bring."""

    NOTE = "note"
    PHOTO = "photo"
    PRESENT = "present"
    ORGANIZATION = "organization"
    ORGANIZATIONS = "organizations"
    HANDLER = "handler"
    MASTER = "master"
    POSITION = "position"
    REASON = "reason"
    UNTIL = "until"
    PEOPLE = "people"
    CLOSING = "closing"
    ITEM = "item"


class Ask(StrEnum):
    """A request that waits for somebody's decision; at most one of a kind is open."""

    RETURN = "return"
    EXTENSION = "extension"
    SUSPENSION = "suspension"
    APPEAL = "appeal"
    REOPEN = "reopen"
    REWORK = "rework"


# Asked by whoever reported it, after its end.
AFTER_THE_END = frozenset({Ask.APPEAL, Ask.REOPEN})
# Asked by whoever leads, about its own duty: they end with it.
OF_THE_LEAD = frozenset({Ask.RETURN, Ask.EXTENSION, Ask.SUSPENSION, Ask.REWORK})
ASKS: Mapping[Action, Ask] = {
    Action.ASK_RETURN: Ask.RETURN,
    Action.ASK_EXTENSION: Ask.EXTENSION,
    Action.ASK_SUSPENSION: Ask.SUSPENSION,
    Action.APPEAL: Ask.APPEAL,
    Action.ASK_REOPEN: Ask.REOPEN,
    Action.OBJECT_TO_REWORK: Ask.REWORK,
}
ANSWERS: Mapping[Action, Ask] = {
    Action.APPROVE_RETURN: Ask.RETURN,
    Action.REFUSE_RETURN: Ask.RETURN,
    Action.ASSIGN_FOR_GOOD: Ask.RETURN,
    Action.APPROVE_EXTENSION: Ask.EXTENSION,
    Action.REFUSE_EXTENSION: Ask.EXTENSION,
    Action.APPROVE_SUSPENSION: Ask.SUSPENSION,
    Action.REFUSE_SUSPENSION: Ask.SUSPENSION,
    Action.UPHOLD_APPEAL: Ask.APPEAL,
    Action.REFUSE_APPEAL: Ask.APPEAL,
    Action.REOPEN: Ask.REOPEN,
    Action.REPORT_AGAIN: Ask.REOPEN,
    Action.REFUSE_REOPEN: Ask.REOPEN,
    Action.UPHOLD_OBJECTION: Ask.REWORK,
    Action.REFUSE_OBJECTION: Ask.REWORK,
}

# Why, in codes that statistics can count. Each is a sentence in the locales that also names the
# channel that does help. What a hotline does not accept follows the rules of 接诉即办.
REASONS: Mapping[Action, tuple[str, ...]] = {
    Action.REJECT: ("not_public", "litigation", "petition", "privacy", "emergency_line"),
    Action.VOID: ("mistaken", "false", "test", "withdrawn"),
    Action.ASK_RETURN: (
        "not_our_duty", "wrong_place", "duplicate", "lacks_information", "needs_co_handling",
    ),
    Action.ASK_SUSPENSION: ("season", "budget", "project", "lawsuit"),
    Action.TRANSFER_OUT: ("police", "court", "petition_office", "other_city"),
    Action.ESCALATE: ("beyond_power", "cross_region", "third_return", "overdue"),
}  # fmt: skip

# A duty in one of these is over.
OVER = ("returned", "withdrawn", "declined", "done")
