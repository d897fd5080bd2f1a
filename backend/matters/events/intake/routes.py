"""The desk over HTTP, and what the public page asks before a report."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from backend.city.accounts import audit, looks
from backend.city.accounts.audit import What
from backend.city.areas import queries as areas
from backend.core import crypto, ids, outbox, phone_code, rate
from backend.core.actor import INTAKE_COUNTY, system
from backend.core.db import acting_as
from backend.core.inputs import CrsName, Lat, Line, Lon, Phone, Search, Short, Strict
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.rate import limited
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.core.settings import get_settings
from backend.matters.categories import service as categories
from backend.matters.events.intake import desk, reporting
from backend.matters.events.intake.placing import convert
from backend.matters.events.reading import listing
from backend.matters.events.schemas import PositionIn, ReportIn
from backend.matters.events.views import EventLine, Receipt, receipt_of
from backend.matters.events.vocabulary import State

router = APIRouter(prefix="/intake", tags=["intake"])
public_router = APIRouter(prefix="/public", tags=["public"])


class DeskReport(ReportIn):
    """A call or a visit, taken down for somebody else."""

    source: Literal["hotline_12345", "resident", "enterprise", "leader_board", "other"]
    # The number that it has where it came from, the hotline's order for instance.
    external_ref: Short | None = None


class CallerIn(Strict):
    """A number that calls, or whose caller is served, and on which occasion it is looked up.

    It stands in the body: addresses of requests are logged on their way.
    """

    phone: Phone
    occasion: Literal["hotline_12345", "resident", "enterprise", "leader_board", "other"] = "other"
    reason: Line = ""


class ProposalOut(BaseModel):
    """A category that fits the words, and why."""

    code: str
    name: str
    words: list[str]
    cases: int


class PublicNear(BaseModel):
    """An open matter nearby as anybody may know it: what and roughly how far, nothing of who."""

    category: str
    state: State
    distance_m: float
    reported_at: datetime


@router.post("/reports", status_code=201, dependencies=[allow(Right.TAKE_CALLS)])
def take_down(body: DeskReport, actor: ActorDep, session: SessionDep) -> Receipt:
    """Take a report down for somebody; they are its reporter, not the desk."""
    plain = ReportIn(**body.model_dump(exclude={"source", "external_ref"}))
    behalf = reporting.OnBehalf(body.source, body.external_ref)
    return receipt_of(session, reporting.report(session, actor, plain, behalf))


@router.post(
    "/caller", dependencies=[allow(Right.TAKE_CALLS), looks.limited(What.CALLER_LOOKED_UP)]
)
def known_caller(body: CallerIn, actor: ActorDep, session: SessionDep) -> list[EventLine]:
    """List what this number reported before, as far as the caller may see it; the look is noted."""
    found = desk.earlier_of(session, actor, body.phone)
    audit.note(
        session, actor, What.CALLER_LOOKED_UP, about=crypto.mask_phone(body.phone),
        reason=body.reason, occasion=body.occasion, found=len(found),
    )  # fmt: skip
    return listing.lines(session, actor, found)


@router.get("/categories", dependencies=[allow()])
def suggest_category(
    text: Annotated[Search, Query(min_length=2)], actor: ActorDep, session: SessionDep
) -> list[ProposalOut]:
    """Propose categories for these words; at most three, the likeliest first."""
    known = categories.current(session)
    english = actor.language == "en"
    return [
        ProposalOut(
            code=p.code, name=known[p.code].name_en if english else known[p.code].name_zh,
            words=list(p.words), cases=p.cases,
        )
        for p in desk.proposals(session, actor, text)
    ]  # fmt: skip


class PublicSettings(BaseModel):
    """What the public page must know.

    Is a number proved by a code, may it be, must it be; and the city's zone by its IANA name.
    """

    phone_code: Literal["off", "offered", "required"]
    zone: str


class NumberIn(Strict):
    """A telephone number to send a code to."""

    phone: Phone


@public_router.get("/settings", dependencies=[allow_public()])
def public_settings() -> PublicSettings:
    """Say what the public page must ask for, and whose days and clocks it shows."""
    settings = get_settings()
    offered = "offered" if settings.sms_gateway else "off"
    return PublicSettings(
        phone_code="required" if settings.phone_code_required else offered, zone=settings.zone
    )


@public_router.post(
    "/phone-codes", status_code=204,
    dependencies=[allow_public(), limited("public_codes_per_hour")],
)  # fmt: skip
def send_code(body: NumberIn, session: SessionDep) -> None:
    """Send a code to a number; the answer is the same whatever the number is."""
    number = crypto.blind(phone_code.digits_of(body.phone), "phone-code").hex()
    rate.once_more(number, "phone_code", get_settings().public_codes_per_hour)
    key = ids.new_id()
    outbox.leave(
        session, INTAKE_COUNTY, "phone.asked", key,
        to=crypto.seal(body.phone, f"phone.asked/{key}").hex(),
    )  # fmt: skip


@public_router.get("/near", dependencies=[allow_public(), limited("public_looks_per_hour")])
def public_near(
    lon: Annotated[Lon, Query()], lat: Annotated[Lat, Query()],
    crs: Annotated[CrsName, Query()], actor: ActorDep, session: SessionDep,
) -> list[PublicNear]:  # fmt: skip
    """List open matters within 50 m, so that nobody has to report what is known already.

    Nothing that is about somebody at home, and distances in steps of ten metres only, to
    the middle of a cell of some twenty metres.
    """
    lon, lat = convert(PositionIn(lon=lon, lat=lat, crs=crs))
    code = areas.code_at(session, lon, lat)
    area = areas.named(session, [code]).get(code) if code else None
    if area is None:
        return []
    with acting_as(session, system(area.managing_county)):
        found = listing.nearby_for_strangers(session, area.managing_county, lon, lat)
    english = actor.language == "en"
    return [
        PublicNear(
            category=category.name_en if english else category.name_zh, state=State(e.state),
            distance_m=metres, reported_at=e.reported_at,
        )
        for e, category, metres in found
    ]  # fmt: skip
