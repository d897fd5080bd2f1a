"""The minutes of a meeting: written from its journal when it has ended, set by typst, signed."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from shutil import copyfile
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import day
from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.errors import Conflict, NotFound
from backend.core.files import keep
from backend.core.language import say as words
from backend.core.settings import get_settings
from backend.matters.events import queries as events
from backend.matters.events.models import Event
from backend.matters.reviews import queries, showing
from backend.matters.reviews.journal import say
from backend.matters.reviews.models import Review
from backend.matters.reviews.schemas import EntryOut
from backend.tools.media import service as media
from backend.tools.typesetting.papers import paper
from backend.tools.typesetting.signing import MARK, get_signer, holds

TEMPLATE = Path(__file__).with_name("minutes.typ")
PHOTOS_A_POINT = 3
COLOURS = {True: "#0b5c63", False: "#9aa7a8"}


def path_of(review_id: UUID) -> Path:
    """Where the minutes of a meeting lie."""
    return get_settings().media_dir / "minutes" / f"{review_id}.pdf"


def hear(session: Session, county_code: str, review_id: UUID, _: Mapping[str, Any]) -> None:
    """Hear ``review.ended``: write and sign the minutes, and put their hash into the journal.

    Safe to hear twice: minutes that stand are not written again.
    """
    act_as(session, system(county_code))
    # Locked: a meeting that went on and ended again while this was set would keep the old minutes.
    review = session.get(
        Review, (county_code, review_id), with_for_update={"key_share": True},
        populate_existing=True,
    )  # fmt: skip
    if review is None or review.state != "ended" or hash_of(session, review):
        return
    pdf = get_signer().sign(write(session, review), review.review_no)
    keep(path_of(review.id), pdf)
    say(session, system(county_code), review, "minutes", sha256=hashlib.sha256(pdf).hexdigest())


def hash_of(session: Session, review: Review) -> str | None:
    """The hash of a meeting's minutes, as its record has it; of one that went on, none yet."""
    found = None
    for line in queries.lines(session, review):
        if line.action == "minutes":
            found = str(line.details["sha256"])
        elif line.action in ("restored", "ended"):
            found = None
    return found


def read(session: Session, actor: Actor, review_id: UUID) -> Path:
    """The minutes, as they were written.

    Raises
    ------
    NotFound
        The meeting has not ended, or they are still being written.
    Conflict
        The file is not the one that was signed.
    """
    review = queries.one(session, actor, review_id)
    known, path = hash_of(session, review), path_of(review.id)
    if known is None or not path.exists():
        raise NotFound("minutes_not_ready")
    pdf = path.read_bytes()
    if hashlib.sha256(pdf).hexdigest() != known or not holds(pdf):
        raise Conflict("minutes_changed")
    return path


def write(session: Session, review: Review) -> bytes:
    """The minutes as PDF, not signed yet."""
    everything = system(review.county_code)
    shown = showing.whole(session, everything, review)
    act_as(session, everything)
    with paper(TEMPLATE) as page:
        root = page.root
        remarks = [line for line in shown.lines if line.kind == "remark"]
        decided = [e for e in shown.entries if e.decision or e.id in {r.entry_id for r in remarks}]
        data = {
            "title": shown.title, "review_no": shown.review_no, "place": shown.place,
            "opened": day.minute_in_words(shown.opened_at),
            "ended": day.minute_in_words(shown.ended_at),
            "chair": shown.chair, "people": [p.name for p in shown.people], "mark": MARK,
            "head": review.log_head.hex(), "map": _map(session, review, shown.entries, root),
            "entries": [
                {
                    "title": e.title, "place": e.place, "number": e.number, "words": e.words,
                    "photos": _photos(session, review, e, root),
                    "remarks": [
                        {"name": r.name, "text": r.details.get("text", ""),
                         "drawn": "drawing" in r.details}
                        for r in remarks if r.entry_id == e.id
                    ],
                    "votes": "，".join(
                        f"{words('zh-CN', f'vote.{choice}')} {n}" for choice, n in e.votes.items()
                    ),
                    "decision": words("zh-CN", f"decision.{e.decision}") if e.decision
                    else words("zh-CN", "decision.none"),
                    "to": e.to, "note": e.note,
                    "outcome": "" if e.outcome in (None, "done") else e.outcome,
                }
                for e in decided
            ],
        }  # fmt: skip
        return page.pdf(data)


def _photos(session: Session, review: Review, entry: EntryOut, root: Path) -> list[str]:
    """Small copies of a case's photos beside the template; typst reads nothing outside its root."""
    if entry.event_id is None:
        return []
    event = session.get(Event, (review.county_code, entry.event_id))
    if event is None or not entry.number:
        # Not in the minutes in words, not in pictures either.
        return []
    names = []
    for photo in events.photos_of(session, event)[:PHOTOS_A_POINT]:
        source = media.folder(photo.id) / "thumb.jpg"
        if source.exists():
            copyfile(source, root / f"{photo.id}.jpg")
            names.append(f"{photo.id}.jpg")
    return names


def _map(session: Session, review: Review, entries: list[EntryOut], root: Path) -> str | None:
    """The area with its points, numbered, as SVG from the geometry itself; no browser draws it."""
    shape = queries.outline(session, review)
    if shape is None:
        return None
    west, south, east, north = shape.bounds
    # Degrees of longitude are shorter than those of latitude: 0.9 at 25 degrees north.
    width, scale = 900.0, 900.0 / (east - west)
    height = (north - south) * scale / 0.9

    def at(lon: float, lat: float) -> tuple[float, float]:
        return (lon - west) * scale, (north - lat) * scale / 0.9

    rings = [part.exterior for part in getattr(shape, "geoms", [shape])]
    outline = " ".join(
        "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in (at(*c[:2]) for c in ring.coords)) + "Z"
        for ring in rings
    )
    dots = []
    for i, entry in enumerate(entries):
        if entry.lon is None or entry.lat is None:
            continue
        x, y = at(entry.lon, entry.lat)
        colour = COLOURS[entry.decision is not None]
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="13" fill="{colour}"/><text x="{x:.1f}"'
            f' y="{y + 5:.1f}" font-size="14" fill="#fff" text-anchor="middle">{i + 1}</text>'
        )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 -20 {width + 40:.0f}'
        f' {height + 40:.0f}" font-family="Noto Sans CJK SC"><path d="{outline}" fill="#fbfbf8"'
        f' stroke="#2e5f66" stroke-width="2"/>{"".join(dots)}</svg>'
    )
    (root / "map.svg").write_text(svg, "utf-8")
    return "map.svg"
