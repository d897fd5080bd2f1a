"""The logs and the duties of the city's past events, sealed as `core.journal` seals them."""

import hashlib
from collections.abc import Iterator

import numpy as np

from backend.core.journal import FORM
from backend.matters.events.vocabulary import TERMINAL, Action, State
from backend.seeding import binary_copy as pack
from backend.seeding.loading import Bytes, fill, keys, spelled, written
from backend.seeding.past import Block, Group, Past
from backend.seeding.recipe import SEED
from backend.seeding.staff import Indexes, Posts
from backend.seeding.ways import By, Turn

# The canonical form of an entry (RFC 8785: names in their order); what is in angle brackets
# differs from event to event.
ENTRY = (
    '{{"action":"{action}","actor_id":"<actor>","at":"<at>","client_at":null,"details":{details},'
    '"event_id":"<event>","form":{form},"from_state":{before},"note":"{note}",'
    '"organization_id":{body},"post_id":"<post>","role":"{role}","seq":{seq},"to_state":"{after}"}}'
)
# What a duty is called after the last step that concerns it.
STATUS = {State.DISPATCHED: "pending", State.HANDLING: "accepted", State.FOLLOWING_UP: "submitted"}


def entries(past: Past) -> Iterator[Block]:
    """The logs as blocks for COPY; ``past.heads`` are their last seals afterwards."""
    rng = np.random.default_rng(SEED + 6)
    for group in past.groups():
        at = group.at
        heads = past.heads[at]
        shared: dict[str, Bytes | bytes] = {
            "event": spelled(past.ids[at]), "unit": past.codes[past.unit[at]],
            "lead": spelled(past.staff.bodies[past.lead[at]]),
            "first": spelled(past.staff.bodies[past.first[at]]),
            "on_time": b"false" if group.late else b"true",
        }  # fmt: skip
        for seq, (before, turn) in enumerate(group.way.pairs(), 1):
            moments = past.after(turn.part, at)
            who, body = _actor(past, turn, at)
            given = shared | {
                "at": written(moments), "actor": spelled(who.accounts), "post": spelled(who.posts),
            }  # fmt: skip
            if body is not None:
                given["body"] = spelled(body)
            heads = _seal(heads, fill(_form(seq, before, turn), given, len(at)))
            yield (
                [
                    pack.Column("county_code", past.codes[past.unit[at], :6]),
                    pack.Column("id", keys(moments // 1000, rng)),
                    pack.Column("event_id", past.ids[at]),
                    pack.number("seq", seq, ">i4"),
                    pack.text("action", turn.action),
                    pack.Column("from_state", before.encode() if before else None),
                    pack.text("to_state", turn.after),
                    pack.Column("actor_id", who.accounts),
                    pack.Column("post_id", who.posts),
                    pack.text("role", turn.by.role),
                    pack.Column("organization_id", body),
                    pack.text("note", turn.note),
                    pack.Column("details", fill("\x01" + turn.details, given, len(at))),
                    pack.moment("at", moments),
                    pack.number("form", FORM, ">i2"),
                    pack.Column("hash", heads),
                ],
                len(at),
            )
        past.heads[at] = heads


def _form(seq: int, before: State | None, turn: Turn) -> str:
    return ENTRY.format(
        action=turn.action, details=turn.details, form=FORM, note=turn.note, role=turn.by.role,
        before=f'"{before}"' if before else "null", seq=seq, after=turn.after,
        body='"<body>"' if turn.by in (By.LEAD, By.FIRST) else "null",
    )  # fmt: skip


def _actor(past: Past, turn: Turn, at: Indexes) -> tuple[Posts, Bytes | None]:
    """Who took a step of these events, and the organization that they did it for."""
    staff, unit = past.staff, past.unit[at]
    match turn.by:
        case By.HEAD:
            return staff.heads.of(unit), None
        case By.DESK:
            return staff.desks.of(staff.town[unit]), None
        case By.LEAD | By.FIRST:
            body = (past.lead if turn.by is By.LEAD else past.first)[at]
            return staff.clerks.of(body), staff.bodies[body]


def _seal(previous: Bytes, forms: Bytes) -> Bytes:
    sha = hashlib.sha256
    together = np.concatenate([previous, forms], 1)
    width, rows = together.shape[1], memoryview(together.tobytes())
    seals = b"".join(
        [sha(rows[i : i + width]).digest() for i in range(0, len(rows), width)]
    )  # fmt: skip
    return np.frombuffer(seals, np.uint8).reshape(-1, 32)


def duties(past: Past) -> Iterator[Block]:
    """The assignments as blocks for COPY: who leads each event, and who handed it back."""
    rng = np.random.default_rng(SEED + 7)
    for group in past.groups():
        way = group.way
        if way.part_of(Action.DISPATCH) is None:
            continue
        back = way.part_of(Action.APPROVE_RETURN)
        if back is not None:
            given = next(t.part for t in way.turns if t.action is Action.DISPATCH)
            yield _duty(past, group, past.first, rng, "returned", given, ended=back)
        over = way.state in TERMINAL
        status = "done" if over else STATUS[way.state]
        given = way.part_of(Action.DISPATCH) or 0
        yield _duty(
            past, group, past.lead, rng, status, given, accepted=way.part_of(Action.ACCEPT),
            submitted=way.part_of(Action.SUBMIT_RESULT), ended=1 if over else None,
        )  # fmt: skip


def _duty(
    past: Past, group: Group, whose: Indexes, rng: np.random.Generator, status: str, given: float,
    *, accepted: float | None = None, submitted: float | None = None, ended: float | None = None,
) -> Block:  # fmt: skip
    at = group.at
    begun = past.after(given, at)

    def moment(name: str, part: float | None) -> pack.Column:
        column = pack.Column(name, None)
        return column if part is None else pack.moment(name, past.after(part, at))

    by = None if accepted is None else past.staff.clerks.accounts[whose[at]]
    return (
        [
            pack.Column("county_code", past.codes[past.unit[at], :6]),
            pack.Column("id", keys(begun // 1000, rng)),
            pack.Column("event_id", past.ids[at]),
            pack.Column("organization_id", past.staff.bodies[whose[at]]),
            pack.Column("lead", b"\x01"),
            pack.text("status", status),
            pack.moment("assigned_at", begun),
            moment("accepted_at", accepted),
            pack.Column("accepted_by", by),
            moment("submitted_at", submitted),
            moment("ended_at", ended),
        ],
        len(at),
    )
