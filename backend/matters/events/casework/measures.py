"""What an event adds to the indicators: a pure reading of its log. No I/O.

Numbers are kept by month: ``2026-11.filed``. What an event counts for follows from its log alone
(`figures`), and a step adds the difference between before it and after it (`counting`). So a
correction takes back what it corrects, in the month in which that was counted, and nothing is
counted twice: a number always says what stands.

- Once an event, for as long as it stands: reported, filed, self_resolved, extended, suspended,
  recurred, reworked, merged, closed, closed_on_time, carried, brought_closed. What is merged, void,
  rejected or transferred is not accepted any more; an end that is reopened is no
  end, and the next one counts instead of it.
- Each time: dispatched, returned, misdispatched, accepted, reopened, ended (every ending, also one
  that did not last), whistled, arrived, helped, helped_on_time, urged, supervised,
  answered and answered_on_time (supervisions), escalated.
- Once a call-back: surveyed, and what was said last in it: reached, solved, satisfied. Whoever
  says "solved" or "not solved" was reached, by whatever way they say it.
- How long the first response took (accepted minus dispatched): ``response.37`` is 37 minutes, in
  two significant figures, so that a median can be read from counters.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend.core import day
from backend.core.actor import Role
from backend.matters.events.vocabulary import Action, State

A, S = Action, State
EACH = {
    A.DISPATCH: "dispatched", A.OFFER: "dispatched", A.FAST_TRACK: "dispatched",
    A.APPROVE_RETURN: "returned", A.ACCEPT: "accepted", A.CLAIM: "accepted",
    A.WHISTLE: "whistled", A.CO_ARRIVE: "arrived", A.URGE: "urged", A.SUPERVISE: "supervised",
    A.ANSWER_SUPERVISION: "answered", A.CO_SUBMIT: "helped", A.ESCALATE: "escalated",
    A.REOPEN: "reopened", A.REPORT_AGAIN: "reopened",
}  # fmt: skip
IN_TIME = {A.CO_SUBMIT: "helped_on_time", A.ANSWER_SUPERVISION: "answered_on_time"}
ONCE = {
    A.SUBMIT: "reported", A.FILE: "filed", A.FILE_AFTERWARDS: "filed",
    A.RESOLVE_ON_SPOT: "self_resolved", A.APPROVE_EXTENSION: "extended",
    A.APPROVE_SUSPENSION: "suspended", A.MERGE: "merged", A.CARRY_BY_ITEM: "carried",
}  # fmt: skip
SENDS_BACK = frozenset({A.REWORK, A.RECHECK_FAILED, A.NOT_SOLVED})
GIVES_OUT = frozenset({A.DISPATCH, A.OFFER, A.FAST_TRACK, A.ASSIGN_FOR_GOOD})
ACCEPTED = frozenset({"filed", "self_resolved", "extended", "suspended", "recurred", "reworked"})
ENDED = frozenset({"closed", "closed_on_time", "carried", "brought_closed"})
LEFT_OUT = frozenset({S.MERGED, S.VOID, S.REJECTED, S.TRANSFERRED})


@dataclass(frozen=True, slots=True)
class Deed:
    """One entry of an event's log, as far as the indicators ask."""

    action: str
    before: str | None
    after: str
    role: str
    at: datetime
    details: Mapping[str, Any]


def figures(deeds: Iterable[Deed]) -> Counter[str]:
    """What an event with this log counts for, by month and measure."""
    tally = _Tally()
    for deed in deeds:
        tally.hear(deed)
    return tally.sum()


class _Tally:
    """What stands after the entries heard so far."""

    def __init__(self) -> None:
        self.each: Counter[str] = Counter()
        # Measure by the month in which it happened.
        self.once: dict[str, str] = {}
        self.said: dict[str, str] = {}
        # The months of every demand to do it again that stands; the first counts.
        self.reworks: list[str] = []
        self.given_at: datetime | None = None
        self.return_reason: str | None = None

    def sum(self) -> Counter[str]:
        found = Counter(self.each)
        found.update(f"{month}.reworked" for month in self.reworks[:1])
        found.update(f"{month}.{name}" for name, month in {**self.once, **self.said}.items())
        return found

    def hear(self, deed: Deed) -> None:
        month, action = day.month(deed.at), deed.action
        self._stand_or_fall(deed, month)
        if action in IN_TIME and deed.details.get("on_time"):
            self.each[f"{month}.{IN_TIME[Action(action)]}"] += 1
        if action in EACH:
            self.each[f"{month}.{EACH[Action(action)]}"] += 1
        self._give_and_take(deed, month)
        self._call_back(deed, month)

    def _stand_or_fall(self, deed: Deed, month: str) -> None:
        """What counts once an event: set, and taken back by what undoes it."""
        before, after = deed.before, deed.after
        if before in (S.CLOSED, S.SELF_RESOLVED) and after != before:
            self._drop(ENDED)
        if after in LEFT_OUT and after != before:
            self._drop(ACCEPTED)
        if after == S.REPORTED and before in (*LEFT_OUT, S.CLOSED, S.SELF_RESOLVED):
            self._drop(ACCEPTED | {"merged"})
        if deed.action in SENDS_BACK and after == S.HANDLING:
            self.reworks.append(month)
        if deed.action == A.UPHOLD_OBJECTION:
            del self.reworks[-1:]
        if deed.action in ONCE:
            self.once.setdefault(ONCE[Action(deed.action)], month)
        if deed.action == A.FILE and deed.details.get("recurrence_of"):
            self.once.setdefault("recurred", month)
        if deed.action == A.IMPORTED and deed.details.get("closed_at"):
            closed = datetime.fromisoformat(deed.details["closed_at"])
            self.once["brought_closed"] = day.month(closed)
        elif after == S.CLOSED and before != S.CLOSED and deed.action != A.CARRY_BY_ITEM:
            self.once["closed"] = month
            if deed.details.get("on_time"):
                self.once["closed_on_time"] = month
        if deed.action != A.IMPORTED and after in (S.CLOSED, S.SELF_RESOLVED) and after != before:
            self.each[f"{month}.ended"] += 1

    def _drop(self, names: frozenset[str]) -> None:
        for name in names:
            self.once.pop(name, None)
        if "reworked" in names:
            self.reworks.clear()

    def _give_and_take(self, deed: Deed, month: str) -> None:
        """Duties given, handed back and taken on; the third return is the head's to decide."""
        match deed.action:
            case A.ASK_RETURN:
                self.return_reason = deed.details.get("reason")
            case A.APPROVE_RETURN | A.ASSIGN_FOR_GOOD:
                if deed.action == A.ASSIGN_FOR_GOOD:
                    self.each.update((f"{month}.returned", f"{month}.dispatched"))
                if self.return_reason == "not_our_duty":
                    self.each[f"{month}.misdispatched"] += 1
                self.return_reason = None
            case A.ACCEPT | A.CLAIM if self.given_at is not None:
                minutes = round((deed.at - self.given_at).total_seconds() / 60)
                self.each[f"{month}.response.{two_figures(minutes)}"] += 1
                self.given_at = None
        if deed.action in GIVES_OUT:
            self.given_at = deed.at

    def _call_back(self, deed: Deed, month: str) -> None:
        """What the reporter said, by whatever way; the last word of one call-back stands."""
        if deed.action == A.START_FOLLOW_UP:
            self.each.update(f"{m}.{name}" for name, m in self.said.items())
            self.said = {}
            return
        # What a merged report's reporter said is passed on by the system: it was said once.
        if deed.role == Role.SYSTEM or deed.action not in (
            A.ANSWER_SOLVED, A.NOT_SOLVED, A.RECORD_CALL,
        ):  # fmt: skip
            return
        survey = deed.details.get("survey") or {}
        words = {
            "reached": survey.get("reached"), "solved": survey.get("solved"),
            "satisfied": survey.get("satisfied"),
        }  # fmt: skip
        if deed.action == A.ANSWER_SOLVED:
            words |= {"reached": True, "solved": True}
        elif deed.action == A.NOT_SOLVED:
            words |= {"reached": True, "solved": False}
            words["satisfied"] = bool(words["satisfied"])
        elif words["solved"] is not None or words["satisfied"] is not None:
            words["reached"] = True
        self.said.setdefault("surveyed", month)
        for name, yes in words.items():
            # Once reached is reached, also when a later call rings in vain.
            if yes:
                self.said.setdefault(name, month)
            elif yes is False and name != "reached":
                self.said.pop(name, None)


def two_figures(minutes: int) -> int:
    """Minutes in two significant figures: 37, 120, 1400. Never below 0."""
    step, value = 1, max(minutes, 0)
    while value >= step * 100:
        step *= 10
    return round(value / step) * step
