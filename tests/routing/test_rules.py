"""Rules asked by hand: which fires, why, and which can never fire."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from backend.matters.routing.rules import (
    Asset,
    Case,
    Decision,
    Rule,
    Why,
    decide,
    examine,
    in_order,
)

DRAINS, LIGHTS, GONE = UUID(int=1), UUID(int=2), UUID(int=3)
ABLE = {DRAINS, LIGHTS}
TOWN, VILLAGE = "359902101", "359902101001"
CASE = Case("0201", f"{VILLAGE}001001", "unit_head", 2, working_time=True)


def rule(n: int, lead: UUID = DRAINS, at: str = TOWN, priority: int = 10, **condition: Any) -> Rule:
    return Rule(UUID(int=100 + n), f"r{n}", at, priority, condition, lead)


def fired(decision: Decision) -> str | None:
    return decision.rule.name if decision.rule else None


def test_all_clauses_must_hold_and_say_so() -> None:
    whole = rule(
        1,
        category=["02"],
        area=[VILLAGE],
        source=["unit_head"],
        severity_at_least=2,
        time="working",
    )
    decision = decide(in_order([whole]), CASE, ABLE)
    assert fired(decision) == "r1"
    assert decision.because == (
        Why("category", "02"), Why("area", VILLAGE), Why("source", "unit_head"),
        Why("severity", "2"), Why("time_working"),
    )  # fmt: skip
    for other in (
        replace(CASE, category="0301"), replace(CASE, area_code="359902101002001001"),
        replace(CASE, source="resident"), replace(CASE, severity=1),
        replace(CASE, working_time=False), replace(CASE, area_code="359902102001001001"),
    ):  # fmt: skip
        assert fired(decide(in_order([whole]), other, ABLE)) is None


def test_priority_then_the_smaller_area_then_the_older() -> None:
    wide, narrow, first = rule(1), rule(2, LIGHTS, VILLAGE), rule(3, LIGHTS, priority=1)
    assert fired(decide(in_order([wide, narrow]), CASE, ABLE)) == "r2"
    assert fired(decide(in_order([wide, narrow, first]), CASE, ABLE)) == "r3"
    assert fired(decide(in_order([rule(5), rule(4, LIGHTS)]), CASE, ABLE)) == "r4"


def test_what_cannot_be_evaluated_goes_to_a_person_and_not_to_the_next() -> None:
    for broken in (rule(1, moon=["full"]), rule(1, GONE)):
        decision = decide(in_order([broken, rule(2, priority=20)]), CASE, ABLE)
        assert fired(decision) is None and decision.stopped_by == broken
    # One that does not apply anyway stops nobody.
    assert fired(decide(in_order([rule(1, GONE, category=["09"]), rule(2)]), CASE, ABLE)) == "r2"


def test_the_owner_of_the_nearest_asset_of_the_kind_leads() -> None:
    beside = replace(
        CASE,
        assets=(
            Asset("manhole", "M1", LIGHTS),
            Asset("drain", "D1", DRAINS),
            Asset("drain", "D2", GONE),
        ),
    )
    by_owner = replace(rule(1, asset=["drain", "tree"]), lead=None)
    decision = decide(in_order([by_owner]), beside, ABLE)
    assert (fired(decision), decision.lead) == ("r1", DRAINS)
    assert decision.because == (Why("asset_drain", "D1"),)
    assert fired(decide(in_order([by_owner]), CASE, ABLE)) is None
    # A named lead stays the lead; the asset is a condition like others.
    assert decide(in_order([rule(2, LIGHTS, asset=["drain"])]), beside, ABLE).lead == LIGHTS
    # An owner that takes no work sends the case to a person.
    gone = replace(beside, assets=(Asset("tree", "T1", GONE), Asset("drain", "D1", DRAINS)))
    assert decide(in_order([by_owner, rule(3, priority=20)]), gone, ABLE).stopped_by == by_owner


def test_rules_about_assets_that_nobody_registered_are_dead() -> None:
    rules = [rule(1, asset=["drain"]), rule(2, LIGHTS, asset=["tree"])]
    wrong = examine(rules, {"0201"}, {TOWN}, ABLE, {"tree"})
    assert [(f.kind, f.rule.name) for f in wrong] == [("dead_asset", "r1")]
    # One about fewer kinds is forestalled by one about more; about another kind it is not.
    both = [rule(1, asset=["drain", "tree"]), rule(2, LIGHTS, priority=20, asset=["tree"])]
    assert [f.kind for f in examine(both, {"0201"}, {TOWN}, ABLE, {"tree"})] == ["shadowed"]


def found(*rules: Rule) -> set[tuple[str, str, str | None]]:
    wrong = examine(rules, {"0201", "0204"}, {TOWN, VILLAGE}, ABLE)
    return {(f.kind, f.rule.name, f.other.name if f.other else None) for f in wrong}


def test_shadowed_conflicting_and_dead_rules_are_told() -> None:
    assert found(rule(1, category=["02"]), rule(2, LIGHTS, priority=20, category=["0204"])) == {
        ("shadowed", "r2", "r1")
    }
    assert found(rule(1, category=["0204"]), rule(2, LIGHTS, priority=20, category=["02"])) == set()
    assert found(rule(1, category=["02"], time="off"), rule(2, LIGHTS, category=["0204"])) == {
        ("conflict", "r2", "r1")
    }
    assert (
        found(
            rule(1, category=["02"], time="off"), rule(2, LIGHTS, category=["0204"], time="working")
        )
        == set()
    )
    # The same lead twice is no conflict.
    assert found(rule(1, source=["resident"]), rule(2, category=["0204"])) == set()
    assert found(rule(1, category=["09"])) == {("dead_category", "r1", None)}
    assert found(rule(1, area=["359902199"])) == {("dead_area", "r1", None)}
    assert found(rule(1, area=["3599"])) == {("dead_area", "r1", None)}
    assert found(rule(1, GONE)) == {("dead_lead", "r1", None)}
    assert found(rule(1, moon="full")) == {("unreadable", "r1", None)}
    # In the village its own rule comes first; elsewhere the town's still does.
    assert found(rule(1, category=["02"]), rule(2, LIGHTS, VILLAGE, category=["02"])) == set()
    assert found(rule(1, severity_at_least=3), rule(2, LIGHTS, priority=20)) == set()
    assert found(
        rule(1, source=["resident", "unit_head"]), rule(2, priority=20, source=["resident"])
    ) == {("shadowed", "r2", "r1")}
