"""What a guard is: an answer to what a step still waits for. No I/O."""

from collections.abc import Callable
from datetime import timedelta

from backend.core.actor import Actor
from backend.matters.events.facts import Facts

# How long somebody may object to an end.
OBJECTION_TIME = timedelta(days=7)

# A guard answers None, or the code of the sentence that says what is missing.
Guard = Callable[[Facts, Actor], str | None]


def both(*guards: Guard) -> Guard:
    """All of these, in this order."""

    def together(facts: Facts, actor: Actor) -> str | None:
        return next((said for guard in guards if (said := guard(facts, actor))), None)

    return together
