"""Which effect each action has; an action that is missing here moves the event and no more."""

from collections.abc import Mapping

from backend.events.service.effects import Effect, duties, merging, place
from backend.events.vocabulary import Action

EFFECTS: Mapping[Action, Effect] = {
    Action.CORRECT_POSITION: place.correct_position,
    Action.MERGE: merging.merge,
    Action.FILE: duties.file,
    Action.DISPATCH: duties.dispatch,
    Action.ACCEPT: duties.accept,
    Action.SUBMIT_RESULT: duties.submit_result,
    Action.REWORK: duties.rework,
    Action.RECHECK_FAILED: duties.rework,
    Action.NOT_SOLVED: duties.not_solved,
    Action.CLOSE: duties.close,
    Action.CLOSE_WITHOUT_FOLLOW_UP: duties.close,
}
