"""Rules that say where a case goes, and what is wrong with a set of them. No I/O.

All clauses of a condition must hold; an empty one always does. Rules are asked by priority, then
the one of the smaller area, then the older one. A rule that cannot be evaluated stops the asking:
the case goes to a person, with the reason, and never to whoever happens to come next.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, ValidationError

from backend.core.inputs import CategoryCode, Key, Strict

# Most values of one clause.
MOST = 100


class Condition(Strict):
    """What a case must be like. Codes match what begins with them: 02 is all of 02."""

    category: Annotated[list[CategoryCode], Field(max_length=MOST)] = []
    # The beginning of an area's code, or the whole of it.
    area: Annotated[list[Key], Field(max_length=MOST)] = []
    source: Annotated[list[Key], Field(max_length=MOST)] = []
    # Kinds of public assets, one of which stands beside the place.
    asset: Annotated[list[Key], Field(max_length=MOST)] = []
    severity_at_least: int | None = Field(None, ge=1, le=4)
    time: Literal["working", "off"] | None = None


@dataclass(frozen=True)
class Rule:
    """One rule as it is asked; ``condition`` is as it was stored and may be unreadable."""

    id: UUID
    name: str
    area_code: str
    priority: int
    condition: dict[str, Any]
    # None: the owner of the asset that the condition found.
    lead: UUID | None
    helpers: tuple[UUID, ...] = ()
    auto: bool = False

    @property
    def order(self) -> tuple[int, int, UUID]:
        """Its place in the asking."""
        return (self.priority, -len(self.area_code), self.id)


@dataclass(frozen=True)
class Asset:
    """A public asset beside the place of a case."""

    kind: str
    number: str
    owner: UUID


@dataclass(frozen=True)
class Case:
    """What rules look at; ``assets`` the nearest first."""

    category: str
    area_code: str
    source: str
    severity: int
    working_time: bool
    assets: tuple[Asset, ...] = ()


@dataclass(frozen=True)
class Why:
    """One clause that held, as the code of a sentence and what fills it."""

    clause: str
    value: str = ""


@dataclass(frozen=True)
class Decision:
    """Which rule fires, why and for whom; or why a person must decide."""

    rule: Rule | None
    because: tuple[Why, ...] = ()
    # The rule that could not be evaluated.
    stopped_by: Rule | None = None
    lead: UUID | None = None


def read(rule: Rule) -> Condition | None:
    """A rule's condition; None when it cannot be read."""
    try:
        return Condition.model_validate(rule.condition)
    except ValidationError:
        return None


def in_order(rules: Iterable[Rule]) -> list[tuple[Rule, Condition | None]]:
    """Rules as they are asked, each with its condition: read once, for all cases."""
    return [(rule, read(rule)) for rule in sorted(rules, key=lambda r: r.order)]


def decide(
    rules: Iterable[tuple[Rule, Condition | None]], case: Case, working: Collection[UUID]
) -> Decision:
    """Ask the rules `in_order`. ``working`` are the organizations that can be given work."""
    for rule, condition in rules:
        if not case.area_code.startswith(rule.area_code):
            continue
        if condition is None:
            return Decision(None, stopped_by=rule)
        because = holds(condition, case)
        if because is None:
            continue
        lead = rule.lead or owner(condition, case)
        if lead not in working:
            return Decision(None, because, stopped_by=rule)
        return Decision(rule, because, lead=lead)
    return Decision(None)


def beside(condition: Condition, case: Case) -> Asset | None:
    """The nearest asset of a kind that the condition names."""
    return next((a for a in case.assets if a.kind in condition.asset), None)


def owner(condition: Condition, case: Case) -> UUID | None:
    """Who owns the asset that the condition found."""
    asset = beside(condition, case)
    return asset.owner if asset else None


def holds(condition: Condition, case: Case) -> tuple[Why, ...] | None:
    """The clauses that held; None when one did not."""
    found: list[Why] = []
    for clause, value in (("category", case.category), ("area", case.area_code)):
        wanted: list[str] = getattr(condition, clause)
        if wanted:
            match = next((w for w in wanted if value.startswith(w)), None)
            if match is None:
                return None
            found.append(Why(clause, match))
    if condition.source:
        if case.source not in condition.source:
            return None
        found.append(Why("source", case.source))
    if condition.asset:
        asset = beside(condition, case)
        if asset is None:
            return None
        found.append(Why(f"asset_{asset.kind}", asset.number))
    if condition.severity_at_least is not None:
        if case.severity < condition.severity_at_least:
            return None
        found.append(Why("severity", str(condition.severity_at_least)))
    if condition.time is not None:
        if case.working_time != (condition.time == "working"):
            return None
        found.append(Why(f"time_{condition.time}"))
    return tuple(found) or (Why("always"),)


@dataclass(frozen=True)
class Finding:
    """Something wrong in a set of rules: the code of a sentence, the rule, and the other one."""

    kind: Literal[
        "unreadable",
        "shadowed",
        "conflict",
        "dead_category",
        "dead_area",
        "dead_lead",
        "dead_asset",
    ]
    rule: Rule
    other: Rule | None = None
    value: str = ""


def examine(
    rules: Sequence[Rule], categories: Collection[str], areas: Collection[str],
    working: Collection[UUID], assets: Collection[str] = (),
) -> list[Finding]:  # fmt: skip
    """Rules that can never fire, that another one always forestalls, or that two answer at once."""
    ordered = sorted(rules, key=lambda r: r.order)
    found: list[Finding] = []
    readable: list[tuple[Rule, Condition]] = []
    for rule in ordered:
        condition = read(rule)
        if condition is None:
            found.append(Finding("unreadable", rule))
            continue
        for code in condition.category:
            if not any(known.startswith(code) for known in categories):
                found.append(Finding("dead_category", rule, value=code))
        for code in condition.area:
            if code not in areas or not code.startswith(rule.area_code):
                found.append(Finding("dead_area", rule, value=code))
        if condition.asset and not set(condition.asset) & set(assets):
            found.append(Finding("dead_asset", rule))
        if rule.lead is not None and rule.lead not in working:
            found.append(Finding("dead_lead", rule))
        for earlier, its in readable:
            if covers(earlier, its, rule, condition):
                found.append(Finding("shadowed", rule, earlier))
                break
            if (
                earlier.priority == rule.priority
                and len(earlier.area_code) == len(rule.area_code)
                and earlier.lead != rule.lead
                and overlap(earlier, its, rule, condition)
            ):
                found.append(Finding("conflict", rule, earlier))
        readable.append((rule, condition))
    return found


def _areas(rule: Rule, condition: Condition) -> list[str]:
    return condition.area or [rule.area_code]


def covers(a: Rule, its: Condition, b: Rule, theirs: Condition) -> bool:
    """Whether every case of ``b`` is one of ``a`` already."""
    return (
        _all_below(its.category, theirs.category)
        and _all_below(_areas(a, its), _areas(b, theirs))
        and (not its.source or (bool(theirs.source) and set(theirs.source) <= set(its.source)))
        and (not its.asset or (bool(theirs.asset) and set(theirs.asset) <= set(its.asset)))
        and (its.severity_at_least or 1) <= (theirs.severity_at_least or 1)
        and its.time in (None, theirs.time)
    )


def _all_below(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    if not wide:
        return True
    return bool(narrow) and all(any(n.startswith(w) for w in wide) for n in narrow)


def overlap(a: Rule, its: Condition, b: Rule, theirs: Condition) -> bool:
    """Whether some case is one of both; two assets side by side are too rare to be called one."""
    return (
        _meet(its.category, theirs.category)
        and _meet(_areas(a, its), _areas(b, theirs))
        and (not its.source or not theirs.source or bool(set(its.source) & set(theirs.source)))
        and (not its.asset or not theirs.asset or bool(set(its.asset) & set(theirs.asset)))
        and (its.time is None or theirs.time is None or its.time == theirs.time)
    )


def _meet(a: Sequence[str], b: Sequence[str]) -> bool:
    if not a or not b:
        return True
    return any(x.startswith(y) or y.startswith(x) for x in a for y in b)
