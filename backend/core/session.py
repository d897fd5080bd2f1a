"""The request's session, as routes ask for it."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from backend.core.db import unit_of_work
from backend.core.permissions import ActorDep


def _session(actor: ActorDep) -> Iterator[Session]:
    with unit_of_work(actor) as session:
        yield session


# scope="function": commit before the response leaves. FastAPI's default commits after it, and a
# client would then read 201 for a row that failed to commit.
SessionDep = Annotated[Session, Depends(_session, scope="function")]
