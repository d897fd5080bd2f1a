"""Procedures of village decisions as data: steps, quorum, majority. No I/O.

Sources: 四议两公开 (two committees discuss, party assembly, villagers' representatives, decision
and result made public); 五步议事法 of Zhangqiu, with reviews by party work area and street. The
representatives' quorum and majority are those of the Organic Law of Villagers' Committees, article
26: two thirds of the members, more than half of those present. Local rules differ: it is all data.
"""

from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from backend.core.actor import Role
from backend.core.inputs import PersonName as Name
from backend.core.inputs import SmallKey, Strict
from backend.core.inputs.base import Checked

Share = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?/[1-9][0-9]?$"), Checked("code")]


class Kind(StrEnum):
    """What sort of step: each has its own way to be passed."""

    PROPOSE = "propose"
    MEET = "meet"
    REVIEW = "review"
    NOTICE = "notice"
    CARRY_OUT = "carry_out"
    RESULT = "result"


class Assembly(StrEnum):
    """Who sits together in a village."""

    BRANCH = "branch"
    TWO_COMMITTEES = "two_committees"
    PARTY_ASSEMBLY = "party_assembly"
    VILLAGER_REP_ASSEMBLY = "villager_rep_assembly"


class Matter(StrEnum):
    """What a decision is about (Z17: spending, leasing, projects)."""

    SPEND = "spend"
    LEASE = "lease"
    PROJECT = "project"
    OTHER = "other"


class Threshold(Strict):
    """A part of a whole that must be reached, or passed."""

    how: Literal["at_least", "more_than"]
    share: Share

    def needed(self, whole: int) -> int:
        """The smallest count that is enough."""
        bar = Fraction(self.share) * whole
        least = -(-bar.numerator // bar.denominator)
        return least + 1 if self.how == "more_than" and least == bar else least

    @model_validator(mode="after")
    def _part(self) -> Self:
        if Fraction(self.share) > 1:
            raise ValueError("a part is not more than the whole")
        return self


class Step(Strict):
    """One step. ``quorum`` counts of the roll, ``majority`` of those present."""

    code: SmallKey
    kind: Kind
    zh: Name
    en: Name
    who: Annotated[list[Role], Field(min_length=1, max_length=20)] = [Role.VILLAGE_SECRETARY]
    assembly: Assembly | None = None
    quorum: Threshold | None = None
    majority: Threshold | None = None
    # Where a motion goes that was voted down.
    back_to: SmallKey | None = None
    # Calendar days for which something hangs out; the first day does not count (Civil Code, 201).
    days: Annotated[int, Field(ge=1, le=90)] | None = None
    # Steps whose people do not take this one as well.
    apart_from: Annotated[list[SmallKey], Field(max_length=20)] = []
    # A seal belongs here; it is set on paper until seals are connected.
    seal: bool = False
    # It must bring a document or a photo.
    evidence: bool = False
    # May be left out with a reason, where local rules allow it.
    may_skip: bool = False


class Procedure(Strict):
    """A procedure: its steps in their order."""

    code: SmallKey
    zh: Name
    en: Name
    matters: Annotated[list[Matter], Field(min_length=1, max_length=20)] = list(Matter)
    steps: Annotated[list[Step], Field(min_length=3, max_length=20)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        codes = [step.code for step in self.steps]
        if len(set(codes)) != len(codes):
            raise ValueError("two steps have the same code")
        if self.steps[0].kind is not Kind.PROPOSE:
            raise ValueError("the first step is the proposal")
        if any(step.kind is Kind.PROPOSE for step in self.steps[1:]):
            raise ValueError("there is one proposal")
        for i, step in enumerate(self.steps):
            meets = step.kind is Kind.MEET
            parts = [step.assembly, step.quorum, step.majority]
            if (meets and None in parts) or (not meets and parts != [None] * 3):
                raise ValueError(f"{step.code}: an assembly has its quorum and its majority")
            if (step.kind in (Kind.NOTICE, Kind.RESULT)) != (step.days is not None):
                raise ValueError(f"{step.code}: a public notice says for how many days")
            if step.back_to is not None and step.back_to not in codes[:i]:
                raise ValueError(f"{step.code}: a motion goes back to an earlier step")
            if not set(step.apart_from) <= set(codes[:i]):
                raise ValueError(f"{step.code}: apart from earlier steps only")
            if i and step.may_skip and step.kind not in (Kind.MEET, Kind.REVIEW):
                raise ValueError(f"{step.code}: only assemblies and reviews can be left out")
        return self

    def at(self, code: str) -> int:
        """The place of a step.

        Raises
        ------
        ValueError
            No such step.
        """
        return [step.code for step in self.steps].index(code)


class Outcome(StrEnum):
    """What became of a sitting."""

    PASSED = "passed"
    NO_QUORUM = "no_quorum"
    VOTED_DOWN = "voted_down"


def outcome(step: Step, on_roll: int, present: int, yes: int) -> Outcome:
    """What a sitting decided: enough people first, enough votes then."""
    assert step.quorum is not None and step.majority is not None
    if present < step.quorum.needed(on_roll):
        return Outcome.NO_QUORUM
    return Outcome.PASSED if yes >= step.majority.needed(present) else Outcome.VOTED_DOWN
