"""A process as one table: who may take which step from where, what it brings, what it waits for.

No I/O. Events, list items and village decisions each bring their own states, actions, facts and
words; what a step is, and the order in which it is refused, is the same for all of them.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from backend.core.actor import Actor
from backend.core.errors import BadInput, Conflict, Forbidden


class HasState(Protocol):
    """Facts about one thing, among them where it stands."""

    @property
    def state(self) -> StrEnum:
        """Where it stands."""
        ...


F = TypeVar("F", bound=HasState)
S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
N = TypeVar("N", bound=StrEnum)


class NotAllowedHere(Conflict):
    """The action does not apply to the state."""


class NotYours(Forbidden):
    """The step exists, and belongs to somebody else."""


class NotYet(Conflict):
    """The step is the caller's, and something is missing first."""


class StepIncomplete(BadInput):
    """The step must bring something along that it did not."""


@dataclass(frozen=True, slots=True)
class Words:
    """The codes of a process's sentences; `needs` begins the code of what is missing."""

    not_here: str
    action: str
    state: str
    needs: str


@dataclass(frozen=True, slots=True)
class Rule(Generic[F, S, A, N]):
    """One allowed step: from where to where, whose it is, what it must bring, what it waits for."""

    action: A
    at: S
    target: S
    who: frozenset[StrEnum]
    needs: tuple[N, ...] = ()
    # Answers None, or the code of the sentence that says what is missing.
    guard: Callable[[F, Actor], str | None] | None = None


@dataclass(frozen=True, slots=True)
class OpenStep(Generic[S, A, N]):
    """A step that the caller may take now, or why not yet."""

    action: A
    target: S
    needs: tuple[N, ...]
    blocked_by: str | None = None


class Process(Generic[F, S, A, N]):
    """The rules of one kind of thing, in the order in which they were written.

    ``standing`` tells in which capacities a caller meets a thing: the post's role where the post
    reaches, and parties that come from the thing itself. What waits for a reason in ``never`` is
    not offered: nothing that anybody could do would open it.
    """

    def __init__(
        self, standing: Callable[[F, Actor], frozenset[StrEnum]], words: Words,
        never: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.standing, self.words, self.never = standing, words, frozenset(never)
        self.rules: dict[tuple[StrEnum, StrEnum], Rule[F, S, A, N]] = {}

    def allow(
        self, action: A, at: S | Iterable[S], target: S | None, *who: StrEnum,
        needs: tuple[N, ...] = (), guard: Callable[[F, Actor], str | None] | None = None,
    ) -> None:  # fmt: skip
        """One line of the table; without a target the thing stays where it stands."""
        states: Iterable[S] = (at,) if isinstance(at, StrEnum) else sorted(at)
        for state in states:
            assert (state, action) not in self.rules, (state, action)
            self.rules[state, action] = Rule(
                action, state, target or state, frozenset(who), needs, guard
            )

    def step(self, facts: F, actor: Actor, action: A, brought: Collection[N]) -> Rule[F, S, A, N]:
        """Return the rule that lets ``actor`` take ``action`` now.

        Raises
        ------
        NotAllowedHere, NotYours, NotYet, StepIncomplete
            Checked in that order.
        """
        rule = self.rules.get((facts.state, action))
        if rule is None:
            raise NotAllowedHere(
                self.words.not_here, action=f"{self.words.action}.{action}",
                state=f"{self.words.state}.{facts.state}",
                open_steps=self.open_names(facts, actor),
            )  # fmt: skip
        if not rule.who & self.standing(facts, actor):
            raise NotYours("not_yours", action=f"{self.words.action}.{action}")
        missing = rule.guard(facts, actor) if rule.guard else None
        if missing is not None:
            raise NotYet(missing)
        for need in rule.needs:
            if need not in brought:
                raise StepIncomplete(f"{self.words.needs}_{need}")
        return rule

    def open_names(self, facts: F, actor: Actor) -> list[str]:
        """The words of what the caller can do now, for a refusal that says what to do instead."""
        return [
            f"{self.words.action}.{step.action}"
            for step in self.open_to(facts, actor)
            if not step.blocked_by
        ]

    def open_to(self, facts: F, actor: Actor) -> list[OpenStep[S, A, N]]:
        """The steps that are the caller's from here, in the table's order; some wait."""
        parties = self.standing(facts, actor)
        mine = (r for (at, _), r in self.rules.items() if at is facts.state and r.who & parties)
        waits = ((rule, rule.guard(facts, actor) if rule.guard else None) for rule in mine)
        return [
            OpenStep(rule.action, rule.target, rule.needs, missing)
            for rule, missing in waits
            if missing not in self.never
        ]


def in_order(
    open_steps: Iterable[OpenStep[S, A, N]], rank: Callable[[OpenStep[S, A, N]], int | None]
) -> list[tuple[OpenStep[S, A, N], bool]]:
    """Steps with whether each moves the thing on: those first, by their rank, then asides."""
    ranked = [(step, rank(step)) for step in open_steps]
    ranked.sort(key=lambda one: (one[1] is None, one[1] or 0))
    return [(step, place is not None) for step, place in ranked]
