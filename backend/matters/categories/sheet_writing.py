"""A category scheme written out as the spreadsheet that `sheet` reads. No I/O."""

from collections.abc import Sequence

from backend.matters.categories.schemes import CategoryDraft
from backend.matters.categories.sheet_columns import (
    CLOCK_WORDS,
    COLUMNS,
    FLAGS,
    QUESTION_COLUMNS,
    TYPE_WORDS,
)
from backend.tools.importing.sheets import Row, Table


def to_tables(categories: Sequence[CategoryDraft]) -> list[Table]:
    """The scheme as the two sheets that `sheet.of_tables` reads."""
    words = {clock: word for word, clock in CLOCK_WORDS.items()}
    kinds = {kind: word for word, kind in TYPE_WORDS.items()}
    rows: list[Row] = []
    questions: list[Row] = []
    for c in categories:
        base = {
            "code": c.code, "parent": c.parent or "", "zh": c.zh, "en": c.en, "icon": c.icon,
            "duty": c.duty, "words": "、".join(c.words),
            **{name: "是" if getattr(c, name) else "否" for name in FLAGS},
        }  # fmt: skip
        lines: list[dict[str, str]] = [
            {
                "condition": k.code, "condition_zh": k.zh, "condition_en": k.en,
                "clock": words[k.clock], "amount": f"{k.amount:g}", "closing_zh": k.closing_zh,
                "closing_en": k.closing_en, "basis": k.basis,
                "stages": "；".join(
                    f"{s.zh}{'/' if s.en else ''}{s.en} {s.amount:g} {words[s.clock]}"
                    for s in k.stages
                ),
            }
            for k in c.conditions
        ] or [{}]  # fmt: skip
        for line in lines:
            cells = {COLUMNS[name]: value for name, value in {**base, **line}.items()}
            rows.append(Row(len(rows) + 2, cells))
        for q in c.questions:
            cells = {
                "category": c.code, "code": q.code, "zh": q.zh, "en": q.en, "type": kinds[q.type],
                "options": "、".join(q.options), "required": "是" if q.required else "否",
                "when": "".join(f"{k}={v}" for k, v in q.when.items()),
            }  # fmt: skip
            questions.append(
                Row(len(questions) + 2, {QUESTION_COLUMNS[k]: v for k, v in cells.items()})
            )
    return [
        Table("类别", list(COLUMNS.values()), rows),
        Table("问题", list(QUESTION_COLUMNS.values()), questions),
    ]
