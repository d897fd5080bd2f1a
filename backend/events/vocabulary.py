"""The words of the event process: states, actions, parties, and what a step must bring."""

from enum import StrEnum


class State(StrEnum):
    """Where an event stands. Values are stored; renaming one is a migration."""

    REPORTED = "reported"
    JUDGING = "judging"
    FILED = "filed"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    FEEDBACK = "feedback"
    RECHECKING = "rechecking"
    FOLLOWING_UP = "following_up"
    CLOSED = "closed"
    SELF_RESOLVED = "self_resolved"
    REJECTED = "rejected"
    VOID = "void"
    MERGED = "merged"


TERMINAL = frozenset({State.CLOSED, State.SELF_RESOLVED, State.REJECTED, State.VOID, State.MERGED})
# The event clock runs from filing to feedback (D3.1).
CLOCK_RUNS = frozenset({State.FILED, State.DISPATCHED, State.HANDLING})


class Action(StrEnum):
    """What somebody does to an event."""

    SUBMIT = "submit"
    IMPORTED = "imported"
    CORRECT_POSITION = "correct_position"
    PUT_ON_AGENDA = "put_on_agenda"
    RESOLVE_ON_SPOT = "resolve_on_spot"
    FILE = "file"
    PROPOSE_REJECT = "propose_reject"
    REJECT = "reject"
    VOID = "void"
    MERGE = "merge"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    SUBMIT_RESULT = "submit_result"
    REWORK = "rework"
    REQUEST_RECHECK = "request_recheck"
    PASS_RECHECK = "pass_recheck"  # noqa: S105 (not a password)
    RECHECK_FAILED = "recheck_failed"
    START_FOLLOW_UP = "start_follow_up"
    RECORD_CALL = "record_call"
    ANSWER_SOLVED = "answer_solved"
    NOT_SOLVED = "not_solved"
    CLOSE = "close"
    CLOSE_WITHOUT_FOLLOW_UP = "close_without_follow_up"


class Party(StrEnum):
    """Standing in one event that comes from the event, not from a post's role."""

    REPORTER = "reporter"
    LEAD = "lead"


class Need(StrEnum):
    """What a step must bring along."""

    NOTE = "note"
    PHOTO = "photo"
    PRESENT = "present"
    ORGANIZATION = "organization"
    MASTER = "master"
    POSITION = "position"
