"""The record of a motion as PDF: each step with its assembly, votes, reasons and names; signed."""

from pathlib import Path
from typing import Any

from backend.core import day
from backend.core.language import say
from backend.matters.deliberations.schemas import DeliberationEntryOut, DeliberationOut, SittingOut
from backend.tools.typesetting.papers import paper
from backend.tools.typesetting.signing import MARK, get_signer

TEMPLATE = Path(__file__).with_name("record.typ")
# The record is kept by the village, in its language.
LANGUAGE = "zh-CN"


def write(shown: DeliberationOut, head: bytes) -> bytes:
    """The record as it stands now, signed; ``head`` is that of the log it was written from."""
    with paper(TEMPLATE) as page:
        pdf = page.pdf(_data(shown, head))
    return get_signer().sign(pdf, shown.deliberation_no)


def _data(shown: DeliberationOut, head: bytes) -> dict[str, Any]:
    def words(code: str) -> str:
        return say(LANGUAGE, code)

    return {
        "number": shown.deliberation_no, "title": shown.title, "mark": MARK, "head": head.hex(),
        "place": " ".join(area.name for area in shown.chain[1:]),
        "procedure": shown.procedure.zh, "version": shown.version,
        "matter": words(f"matter.{shown.matter}"), "words": shown.words,
        "amount": f"{shown.amount:,.2f}" if shown.amount is not None else "—",
        "made": day.minute_in_words(shown.made_at), "state": words(f"deliberation.{shown.state}"),
        "steps": _steps(shown),
        "objections": [
            {"name": o.name or "（未署名）", "words": o.words, "answer": o.answer or "（尚未答复）"}
            for o in shown.objections
        ],
    }  # fmt: skip


def _steps(shown: DeliberationOut) -> list[dict[str, Any]]:
    """The entries, gathered by step and round in the order in which they happened."""
    names = {step.code: step for step in shown.procedure.steps}
    sittings = {str(s.id): s for s in shown.sittings}
    found: list[dict[str, Any]] = []
    for entry in shown.timeline:
        held = sittings.get(str(entry.details.get("sitting")))
        if held or not found or (found[-1]["code"], found[-1]["round"]) != (
            entry.step_code, entry.round
        ):  # fmt: skip
            found.append(
                {
                    "code": entry.step_code, "round": entry.round,
                    "name": names[entry.step_code].zh, "entries": [],
                    "sitting": _sitting(held) if held else None,
                    "seal": names[entry.step_code].seal,
                }
            )  # fmt: skip
        found[-1]["entries"].append(_entry(entry))
    return found


def _entry(entry: DeliberationEntryOut) -> dict[str, str]:
    return {
        "at": day.minute_in_words(entry.at), "who": entry.actor_name, "note": entry.note,
        "action": say(LANGUAGE, f"deliberation_action.{entry.action}"),
    }  # fmt: skip


def _sitting(sitting: SittingOut) -> dict[str, Any]:
    return sitting.model_dump(include={
        "on_roll", "present", "needed_present", "yes", "no", "abstain", "needed_yes", "place",
        "chair", "people",
    }) | {
        "held": day.minute_in_words(sitting.held_at),
        "outcome": say(LANGUAGE, f"outcome.{sitting.outcome}"),
    }  # fmt: skip
