"""Whether somebody sees the thing that a photo, a document or a message belongs to.

Those stand on a floor below the matters and know them by their keys only. The application hangs a
function here that asks each matter's own `visible_to` (`backend/owners.py`), so that the
application's filter is whole without row-level security behind it.
"""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from backend.core.actor import Actor

# (session, who, county of the thing, the thing): whether it is in sight.
Sees = Callable[[Session, Actor, str, UUID], bool]


def _sees(request: Request) -> Sees:
    sees: Sees = request.app.state.sees
    return sees


SeesDep = Annotated[Sees, Depends(_sees)]
