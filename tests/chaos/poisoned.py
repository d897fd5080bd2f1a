"""The process of the workers with one listener more, which ends its worker over certain reports.

Started in the place of `backend worker`, by the tests only: the product has no such listener.
"""

import os
import signal
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

POISON = "此事能让程序倒下"
# So many reports are poison; when all are known, nobody needs to ask which they are any more.
REPORTS = 2
_POISON = text("SELECT id FROM event WHERE county_code = :county AND text = :text")
_known: set[UUID] = set()


def dies(session: Session, county_code: str, event_id: UUID, _: Mapping[str, Any]) -> None:
    """Hear ``event.advanced``: kill the job and its worker over a poisoned text."""
    from backend.core.actor import system
    from backend.core.db import act_as

    if len(_known) < REPORTS:
        act_as(session, system(county_code))
        _known.update(session.scalars(_POISON, {"county": county_code, "text": POISON}))
    if event_id in _known:
        os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Keep the workers as `backend worker` does."""
    from backend import subscriptions
    from backend.cli import working
    from backend.cli.environment import settle
    from backend.core.jobs import FACTS, LANES

    settle()
    heard = dict(subscriptions.HANDLERS)
    heard["event.advanced"] = (*heard["event.advanced"], dies)
    subscriptions.HANDLERS = heard
    working.work([*LANES, FACTS])


if __name__ == "__main__":
    # Under its own name, so that the listener is called the same wherever it is named.
    from tests.chaos import poisoned

    poisoned.main()
