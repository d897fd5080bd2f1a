"""Quorum and majority counted by hand, and templates that contradict themselves."""

import json

import pytest
from pydantic import ValidationError

from backend.embedded.place import REPOSITORY
from backend.matters.deliberations.procedures import Outcome, Procedure, Step, Threshold, outcome

TWO_THIRDS = {"how": "at_least", "share": "2/3"}
HALF = {"how": "more_than", "share": "1/2"}


@pytest.mark.parametrize(
    ("how", "share", "whole", "needed"),
    [
        # 45 representatives: 30 are two thirds. Of 46 it is 31, of 44 it is 30 (29.33 up).
        ("at_least", "2/3", 45, 30), ("at_least", "2/3", 46, 31), ("at_least", "2/3", 44, 30),
        ("more_than", "2/3", 45, 31), ("more_than", "2/3", 44, 30),
        # More than half of 30 is 16, of 31 as well; of 7 it is 4, of 1 it is 1.
        ("more_than", "1/2", 30, 16), ("more_than", "1/2", 31, 16), ("more_than", "1/2", 7, 4),
        ("more_than", "1/2", 1, 1), ("at_least", "1/2", 7, 4), ("at_least", "1/1", 9, 9),
    ],
)  # fmt: skip
def test_how_many_are_enough(how: str, share: str, whole: int, needed: int) -> None:
    assert Threshold.model_validate({"how": how, "share": share}).needed(whole) == needed


def a_meeting(**changes: object) -> Step:
    fields = {
        "code": "assembly", "kind": "meet", "zh": "大会", "en": "Assembly",
        "assembly": "party_assembly", "quorum": TWO_THIRDS, "majority": HALF,
    }  # fmt: skip
    return Step.model_validate(fields | changes)


def test_people_first_votes_then() -> None:
    step = a_meeting()
    assert outcome(step, 30, 19, 19) is Outcome.NO_QUORUM
    assert outcome(step, 30, 20, 10) is Outcome.VOTED_DOWN
    assert outcome(step, 30, 20, 11) is Outcome.PASSED


def seeded() -> list[dict[str, object]]:
    loaded: list[dict[str, object]] = json.loads(
        (REPOSITORY / "seed_data" / "procedures.json").read_text("utf-8")
    )
    return loaded


def test_the_two_procedures_of_the_field_have_their_steps_in_order() -> None:
    five, four = (Procedure.model_validate(body) for body in seeded())
    assert [s.code for s in five.steps] == [
        "propose", "discuss", "party_area", "town", "party_assembly", "representatives", "notice",
        "carry_out", "result",
    ]  # fmt: skip
    assert [s.kind for s in four.steps] == [
        "propose", "meet", "meet", "meet", "notice", "carry_out", "result",
    ]  # fmt: skip


def broken(**changes: object) -> dict[str, object]:
    body = seeded()[0]
    steps = body["steps"]
    assert isinstance(steps, list)
    for path, value in changes.items():
        code, name = path.split("__")
        (step,) = [s for s in steps if s["code"] == code]
        step[name] = value
    return body


@pytest.mark.parametrize(
    "changes",
    [
        {"discuss__quorum": None}, {"discuss__assembly": None}, {"propose__majority": HALF},
        {"notice__days": None}, {"carry_out__days": 3}, {"discuss__back_to": "town"},
        {"party_area__apart_from": ["town"]}, {"town__code": "party_area"},
        {"town__kind": "propose"}, {"carry_out__may_skip": True}, {"town__who": []},
        {"discuss__quorum": {"how": "at_least", "share": "3/2"}},
    ],
)  # fmt: skip
def test_a_template_that_contradicts_itself_is_refused(changes: dict[str, object]) -> None:
    Procedure.model_validate(broken())
    with pytest.raises(ValidationError):
        Procedure.model_validate(broken(**changes))
