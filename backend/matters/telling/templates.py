"""The words of messages: the locales' own until an administrator writes others."""

import string
from collections.abc import Mapping

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.db import one_at_a_time
from backend.core.errors import BadInput, NotFound
from backend.core.language import SUPPORTED, say, sentences
from backend.matters.telling import queries
from backend.matters.telling.occasions import PLACED, TOLD_TO_REPORTER
from backend.tools.notices.models import MessageTemplate

# What a template may fill in, with an example for the preview.
FIELDS: Mapping[str, str] = {
    "number": "E20261120-359902-7KDM-4PQX", "code": "7KDM4PQX", "place": "西天镇 东星社区",
    "category": "道路积水", "what": "东星社区的“道路积水”（E20261120-359902-7KDM-4PQX）",
    "until": "，请在明天 17:00前完成", "url": "https://onemap.example/public",
}  # fmt: skip
# An SMS of the usual gateways; longer ones are cut into parts and cost more.
LONGEST = 300


def occasions() -> list[str]:
    """Everything that reporters are written to about."""
    return sorted(f"told.{about}" for about in {*TOLD_TO_REPORTER, PLACED})


def words(session: Session, about: str, language: str) -> str:
    """The template in use: the newest edition, or the locale's own sentence."""
    return queries.written(session, about, language) or sentences(language)[about]


def all_words(session: Session, language: str) -> dict[str, str]:
    """The template in use for every occasion, by occasion."""
    own = queries.all_written(session, language)
    return {about: own.get(about) or sentences(language)[about] for about in occasions()}


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with its fields filled in."""
    return string.Formatter().vformat(template, (), {**dict.fromkeys(FIELDS, ""), **values})


def checked(template: str) -> str:
    """A template that can be used.

    Raises
    ------
    BadInput
        It is empty or too long, its braces do not close, or it names an unknown field.
    """
    text = template.strip()
    if not text or len(text) > LONGEST:
        raise BadInput("template_length", most=LONGEST)
    try:
        names = {name for _, name, spec, _ in string.Formatter().parse(text) if name is not None}
        plain = not any(spec for _, _, spec, _ in string.Formatter().parse(text))
    except ValueError as error:
        raise BadInput("template_braces") from error
    unknown = names - FIELDS.keys()
    if unknown or not plain:
        raise BadInput(
            "template_field", field="、".join(sorted(unknown)) or ":", known="、".join(FIELDS)
        )
    return text


def write(session: Session, actor: Actor, about: str, language: str, template: str) -> None:
    """Put other words in use; messages that are written already keep theirs.

    Raises
    ------
    NotFound
        Nobody is told of such an occasion, or not in that language.
    """
    if about not in occasions() or language not in SUPPORTED:
        raise NotFound("nothing_here")
    words = checked(template)
    one_at_a_time(session, f"words/{about}/{language}")
    if queries.written(session, about, language) == words:
        # Pressed twice: these are in use.
        return
    version = queries.last_version(session, about, language) + 1
    session.add(
        MessageTemplate(
            about=about, language=language, version=version, words=words, made_by=actor.id
        )
    )  # fmt: skip


def preview(template: str) -> str:
    """What a template would say, with made-up values."""
    return filled(checked(template), FIELDS)


def default(about: str, language: str) -> str:
    """The locale's own sentence, fields unfilled."""
    return say(language, about, **{name: f"{{{name}}}" for name in FIELDS})
