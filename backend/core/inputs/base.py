"""The base of every body, and how its faults are named."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from backend.core.language import SUPPORTED, say, sentences

# Most faults that one answer tells: a person mends a few at a time.
FIELDS_MOST = 50


class Strict(BaseModel):
    """A body that refuses fields it does not know: a misspelt one must not be lost."""

    # An error that repeats what was sent would end in a log.
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, hide_input_in_errors=True)


@dataclass(frozen=True)
class Checked:
    """Marks a type of this package; a test asks every field and parameter for it."""

    what: str


def faults_of(
    errors: Iterable[Mapping[str, Any]], language: str, *, skip: int = 0
) -> list[dict[str, str]]:
    """Pydantic's errors as a person reads them: the field's name and what is wrong with it.

    ``skip`` leaves out the first parts of each place (``body``, ``query``). Names that the sender
    made up are cut and made printable; values are never repeated.
    """
    language = language if language in SUPPORTED else SUPPORTED[0]
    known = sentences(language)
    found = []
    for fault in errors:
        code = f"input.{fault['type']}"
        limits = {
            key: value for key, value in (fault.get("ctx") or {}).items()
            if isinstance(value, str | int | float)
        }  # fmt: skip
        place = ".".join(_printable(part) for part in fault["loc"][skip:])
        detail = say(language, code, **limits) if code in known else str(fault["msg"])
        found.append({"field": place, "detail": detail})
        if len(found) == FIELDS_MOST:
            break
    return found


def _printable(part: object) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in str(part)[:60])
