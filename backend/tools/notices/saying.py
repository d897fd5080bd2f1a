"""The words of a notice: place and matter as people say them, and until when. No I/O."""

from collections.abc import Mapping
from datetime import datetime

from backend.core.day_words import said
from backend.core.language import say


def words(language: str, about: str, details: Mapping[str, str], now: datetime) -> str:
    """The sentence of a notice, for somebody who reads it at the moment ``now``."""
    fields = {**details, **phrases(language, details, now)}
    try:
        return say(language, about, **fields)
    except (KeyError, IndexError):
        # Of an earlier edition: its sentence is no more, or asks for what was not kept then. The
        # list that it stands in is read all the same.
        return fields["what"]


def phrases(language: str, details: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What a sentence may say of its case: ``what`` it is about, and ``until`` when.

    A case whose place and matter are for nobody's eyes, or of before, is called by its number.
    """
    english = language == "en"
    matter = details.get("matter_en" if english else "matter", "")
    number = details.get("number", "")
    what = number
    if matter:
        place = details.get("place", "").rpartition(" ")[2]
        what = say(language, "what.named" if place else "what.matter", place=place, matter=matter)
    until = ""
    if details.get("due_at"):
        due = datetime.fromisoformat(details["due_at"])
        if due > now:
            until = say(language, "what.until", due=said(language, due, now))
    return {"what": what, "until": until}
