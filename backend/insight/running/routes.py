"""What runs and what does not, for the city's administrator."""

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel

from backend.core.inputs import Cause, CountyCode, Strict
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.insight.running import service
from backend.tools.notices.models import Channel

router = APIRouter(prefix="/running", tags=["running"])
MAY = allow(Right.MEND_RUNNING)


class FactKey(BaseModel):
    """A parked fact that can be tried again."""

    county_code: str
    id: UUID


class MessagesKey(Strict):
    """Messages of one way that failed for one reason."""

    channel: Channel
    error: Cause


class FindingOut(BaseModel):
    """One thing that does not run, in the caller's language."""

    words: str
    since: datetime | None
    fact: FactKey | None
    messages: MessagesKey | None


class JobOut(BaseModel):
    """One job: how often it should run, in seconds, and when it last finished."""

    name: str
    words: str
    every_s: int
    finished_at: datetime | None
    late: bool


class RunningOut(BaseModel):
    """Everything that hangs, and every job."""

    findings: list[FindingOut]
    jobs: list[JobOut]


class AgainOut(BaseModel):
    """How many messages go out again."""

    n: int


@router.get("", dependencies=[MAY])
def read_running(request: Request, actor: ActorDep, session: SessionDep) -> RunningOut:
    """Say what hangs, is parked or was given up, and when each job last finished."""
    known = request.app.state.jobs
    seen = service.jobs(session, known, actor.language)
    return RunningOut(
        findings=[_shown(one) for one in service.found(session, known, actor.language)],
        jobs=[
            JobOut(
                name=one.job.name, words=one.words, every_s=one.job.every_s,
                finished_at=one.finished_at, late=one.late,
            )
            for one in seen
        ],
    )  # fmt: skip


def _shown(one: service.Finding) -> FindingOut:
    fact = FactKey(county_code=one.fact[0], id=one.fact[1]) if one.fact else None
    messages = (
        MessagesKey(channel=Channel(one.messages[0]), error=one.messages[1])
        if one.messages
        else None
    )
    return FindingOut(words=one.words, since=one.since, fact=fact, messages=messages)


@router.post("/facts/{county_code}/{fact_id}/again", status_code=204, dependencies=[MAY])
def try_fact_again(
    county_code: CountyCode, fact_id: UUID, actor: ActorDep,
    session: SessionDep,
) -> None:  # fmt: skip
    """Let those who have not heard a parked fact hear it."""
    service.fact_again(session, actor, county_code, fact_id)


@router.post("/messages/again", dependencies=[MAY])
def try_messages_again(body: MessagesKey, actor: ActorDep, session: SessionDep) -> AgainOut:
    """Send messages again that failed for one reason, a thousand at a time."""
    return AgainOut(n=service.messages_again(session, actor, body.channel, body.error))
