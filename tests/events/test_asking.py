"""The reporter is asked: what counts as an answer, and what as a call in vain."""

from datetime import timedelta
from uuid import UUID

import pytest

from backend.core import clock
from backend.core.errors import BadInput
from backend.core.steps import NotYet
from tests.conftest import Town
from tests.events.makers import an_event_at, take


def call(town: Town, event_id: UUID, **survey: bool) -> None:
    take(town, town["demo-town"], event_id, "record_call", survey=survey or None)


def cannot_close(town: Town, event_id: UUID, code: str) -> None:
    with pytest.raises(NotYet, match=code):
        take(town, town["demo-town"], event_id, "close")


def test_only_calls_in_vain_on_three_days_make_a_reporter_unreachable(town: Town) -> None:
    asked = an_event_at(town, "following_up")
    for _ in range(3):
        call(town, asked, reached=False)
    cannot_close(town, asked, "reporter_not_heard")
    now = clock.now()
    for days in (1, 2):
        with clock.at(now + timedelta(days=days)):
            call(town, asked)
            call(town, asked, reached=True)
            cannot_close(town, asked, "reporter_not_heard")
            call(town, asked, reached=False)
    with clock.at(now + timedelta(days=2)):
        take(town, town["demo-town"], asked, "close")


def test_a_no_closes_nothing_until_it_was_handled_again(town: Town) -> None:
    asked = an_event_at(town, "following_up")
    for _ in range(3):
        call(town, asked, solved=False)
    cannot_close(town, asked, "reporter_said_no")
    now = clock.now()
    # Neither days that pass nor a later "yes" of the desk's own unsay it.
    for days in (1, 2, 3):
        with clock.at(now + timedelta(days=days)):
            call(town, asked, reached=False)
    call(town, asked, solved=True)
    cannot_close(town, asked, "reporter_said_no")
    take(town, town["demo-town"], asked, "not_solved")
    take(town, town["demo-dept"], asked, "submit_result")
    take(town, town["demo-town"], asked, "start_follow_up")
    cannot_close(town, asked, "reporter_not_heard")
    take(town, town["demo-town"], asked, "close_with_explanation")


def test_the_reporter_may_change_the_own_answer(town: Town) -> None:
    asked = an_event_at(town, "following_up")
    call(town, asked, solved=False)
    take(town, town.unit_head_of(town.grids[0]), asked, "answer_solved")
    take(town, town["demo-town"], asked, "close")


def test_who_was_not_reached_said_nothing(town: Town) -> None:
    asked = an_event_at(town, "following_up")
    call(town, asked, reached=False, solved=True, satisfied=True)
    cannot_close(town, asked, "reporter_not_heard")


def test_an_answer_that_contradicts_its_step_is_asked_back(town: Town) -> None:
    asked, head = an_event_at(town, "following_up"), town.unit_head_of(town.grids[0])
    for action, solved in (("answer_solved", False), ("not_solved", True)):
        with pytest.raises(BadInput, match="survey_contradicts"):
            take(town, head, asked, action, survey={"solved": solved})
