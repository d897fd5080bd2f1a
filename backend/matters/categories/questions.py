"""What a category asks, and whether the answers fit. No I/O."""

import math
from collections.abc import Iterator, Mapping

from backend.core.errors import BadInput
from backend.matters.categories.models import Category
from backend.matters.categories.schemes import Question

YES_NO = ("yes", "no")


def asked(category: Category, answers: Mapping[str, str]) -> Iterator[Question]:
    """The questions that apply, given the answers so far: some hang on earlier ones."""
    for raw in category.questions:
        question = Question.model_validate(raw)
        if all(answers.get(earlier) == value for earlier, value in question.when.items()):
            yield question


def checked(category: Category, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to the questions that apply; others are left out.

    Raises
    ------
    BadInput
        A required question without an answer, or an answer of the wrong kind.
    """
    kept: dict[str, str] = {}
    for question in asked(category, answers):
        answer = answers.get(question.code, "").strip()
        if not answer:
            if question.required:
                raise BadInput("needs_answer", question=question.zh)
            continue
        if not _fits(question, answer):
            raise BadInput("answer_does_not_fit", question=question.zh, answer=answer)
        kept[question.code] = answer
    return kept


def _fits(question: Question, answer: str) -> bool:
    match question.type:
        case "choice":
            return answer in question.options
        case "yes_no":
            return answer in YES_NO
        case "number":
            try:
                return math.isfinite(float(answer))
            except ValueError:
                return False
    return True
