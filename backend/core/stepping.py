"""Taking one step of a process: the same for events, list items and village decisions.

The client's key first, so that a repeat gets its first answer and does nothing more; then the row,
locked and read again, so that of two people acting at once the second meets the new state; then
whether somebody was faster than the page that the caller looked at; then the rules; then what the
step changes. Always in this order: two senders of one key wait for each other before either holds a
row. A step that changes more rows than one locks all of them, by their keys, in its ``lock``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.errors import Conflict, NotFound
from backend.core.idempotency import Dumps, fingerprint, once
from backend.core.journal import Journaled
from backend.core.steps import HasState, Process


class StepBody(Dumps, Protocol):
    """What every step sends: its own key, what the page had seen, and which step it is."""

    @property
    def client_id(self) -> UUID:
        """The client's key."""
        ...

    @property
    def seen(self) -> int | None:
        """The last number of the journal that the caller's page showed."""
        ...


T = TypeVar("T", bound=Journaled)
F = TypeVar("F", bound=HasState)
S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
N = TypeVar("N", bound=StrEnum)
B = TypeVar("B", bound=StepBody)


@dataclass(frozen=True)
class Stepper(Generic[T, F, S, A, N, B]):
    """What one kind of thing brings along for its steps."""

    # Begins the name of the operation that a client's key stands for.
    name: str
    # The code of the sentence for a thing that is not there for the caller.
    not_found: str
    process: Process[F, S, A, N]
    # The thing, locked and read afresh, if the caller may know of it; with it, in one order,
    # whatever else the step changes.
    lock: Callable[[Session, Actor, UUID, B], T | None]
    facts: Callable[[Session, Actor, T], F]
    action: Callable[[B], A]
    brought: Callable[[B], frozenset[N]]
    # Carries out a step that the rules allowed: effects, journal, fact; the entry's id.
    take: Callable[..., UUID]


def advance(
    session: Session, actor: Actor, thing_id: UUID, body: B, stepper: Stepper[T, F, S, A, N, B],
    **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """Take one step and record it; taking it again with the same key does nothing more.

    ``more`` is handed to the stepper's ``take``. The answer names the thing and the entry.

    Raises
    ------
    NotFound
        No such thing for this actor.
    Conflict
        Somebody was faster, and the step is no longer open; or the key was used for something else.
    steps.NotAllowedHere, steps.NotYours, steps.NotYet, steps.StepIncomplete
        The rules refuse the step; nothing was written.
    """
    return once(
        session, actor, body.client_id, fingerprint(f"{stepper.name} {thing_id}", body),
        lambda: _advance(session, actor, thing_id, body, stepper, more),
    )  # fmt: skip


def _advance(
    session: Session, actor: Actor, thing_id: UUID, body: B, stepper: Stepper[T, F, S, A, N, B],
    more: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    thing = stepper.lock(session, actor, thing_id, body)
    if thing is None:
        raise NotFound(stepper.not_found)
    facts, action = stepper.facts(session, actor, thing), stepper.action(body)
    process = stepper.process
    if body.seen not in (None, thing.log_seq) and (facts.state, action) not in process.rules:
        raise Conflict(
            "somebody_was_faster", state=f"{process.words.state}.{facts.state}",
            open_steps=process.open_names(facts, actor),
        )  # fmt: skip
    rule = process.step(facts, actor, action, stepper.brought(body))
    entry_id = stepper.take(session, actor, thing, facts, rule, body, **more)
    return {"id": str(thing_id), "action_id": str(entry_id)}
