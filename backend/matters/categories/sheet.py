"""A category scheme from a spreadsheet: read with every fault said, and checked. No I/O."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend.matters.categories.schemes import CategoryDraft, Condition, Question, Stage
from backend.matters.categories.sheet_columns import (
    CLOCK_WORDS,
    COLUMNS,
    FLAGS,
    KINDS,
    NO,
    QUESTION_COLUMNS,
    QUESTION_KINDS,
    TYPE_WORDS,
    YES,
)
from backend.tools.calendar.clocks import Clock
from backend.tools.importing.cells import read_cells
from backend.tools.importing.sheets import Fault, Row, Table


@dataclass
class Draft:
    """What a file says, and everything that is wrong with it."""

    categories: list[CategoryDraft] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(
        self, table: Table, row: int, column: str, value: str, wrong: str, right: str = ""
    ) -> None:
        """Note one cell that cannot be used."""
        self.faults.append(
            Fault(sheet=table.name, row=row, column=column, value=value, wrong=wrong, right=right)
        )


def of_tables(tables: Sequence[Table], in_force: Collection[str] = ()) -> Draft:
    """A scheme from a spreadsheet: one row a filing condition, a second sheet with questions.

    Rows of one category repeat its code; only the first one needs the category's other cells. A
    code that is one of those ``in_force`` but for its leading zero has been taken for a number.
    """
    draft = Draft()
    if not tables:
        return draft
    main = tables[0]
    missing = [COLUMNS[c] for c in ("code", "zh") if COLUMNS[c] not in main.columns]
    if missing:
        for title in missing:
            draft.fault(main, 1, title, "", "fault.column_missing", "、".join(COLUMNS.values()))
        return draft
    for table, titles, kinds in (
        (main, COLUMNS, KINDS), *((t, QUESTION_COLUMNS, QUESTION_KINDS) for t in tables[1:]),
    ):  # fmt: skip
        for row in table.rows:
            read_cells(
                draft.faults, table, row, {titles[name]: kind for name, kind in kinds.items()}
            )
    _check_zeros(draft, main, in_force)
    if draft.faults:
        return draft
    known: dict[str, CategoryDraft] = {}
    where: dict[str, int] = {}
    for row in main.rows:
        _row(draft, main, row, known, where)
    draft.categories = list(known.values())
    for table in tables[1:]:
        if QUESTION_COLUMNS["category"] in table.columns:
            for row in table.rows:
                _question(draft, table, row, known)
    _check(draft, main, known, where)
    return draft


def _check_zeros(draft: Draft, table: Table, in_force: Collection[str]) -> None:
    there = {row[COLUMNS["code"]] for row in table.rows}
    for row in table.rows:
        code = row[COLUMNS["code"]]
        whole = f"0{code}"
        if code not in in_force and whole in in_force and whole not in there:
            draft.fault(table, row.number, COLUMNS["code"], code, "fault.zero_lost", whole)


def _cell(row: Row, name: str) -> str:
    return row[COLUMNS[name]]


def _row(draft: Draft, table: Table, row: Row, known: dict[str, CategoryDraft],
         where: dict[str, int]) -> None:  # fmt: skip
    code = _cell(row, "code")
    if not code:
        draft.fault(table, row.number, COLUMNS["code"], "", "fault.code_empty")
        return
    if code not in known:
        if not _cell(row, "zh"):
            draft.fault(table, row.number, COLUMNS["zh"], "", "fault.name_empty")
        flags = {name: _flag(draft, table, row, name) for name in FLAGS}
        words = [w for w in _cell(row, "words").replace("，", "、").split("、") if w]
        known[code] = CategoryDraft(
            code=code, parent=_cell(row, "parent") or None, zh=_cell(row, "zh"),
            en=_cell(row, "en"), icon=_cell(row, "icon"), duty=_cell(row, "duty"), words=words,
            **flags,
        )  # fmt: skip
        where[code] = row.number
    elif _cell(row, "zh") and _cell(row, "zh") != known[code].zh:
        draft.fault(
            table, row.number, COLUMNS["zh"], _cell(row, "zh"), "fault.two_names", known[code].zh
        )
    if _cell(row, "condition_zh") or _cell(row, "clock") or _cell(row, "amount"):
        _condition(draft, table, row, known[code])


def _flag(draft: Draft, table: Table, row: Row, name: str) -> bool:
    value = _cell(row, name)
    if value.lower() in YES:
        return True
    if value.lower() not in NO:
        draft.fault(table, row.number, COLUMNS[name], value, "fault.not_yes_no", "是 / 否")
    return False


def _limit(draft: Draft, table: Table, row: Row, column: str, clock: str, amount: str
           ) -> tuple[Clock, float] | None:  # fmt: skip
    kind = CLOCK_WORDS.get(clock) or (Clock(clock) if clock in set(Clock) else None)
    if kind is None:
        draft.fault(table, row.number, column, clock, "fault.clock_unknown", "、".join(CLOCK_WORDS))
    try:
        number = float(amount)
    except ValueError:
        number = 0
    if not 0 < number <= 3650:
        draft.fault(table, row.number, COLUMNS["amount"], amount, "fault.amount", "2")
        return None
    return (kind, number) if kind else None


def _condition(draft: Draft, table: Table, row: Row, category: CategoryDraft) -> None:
    code = _cell(row, "condition") or "abcdefghijklmnopqrstuvwxyz"[len(category.conditions) % 26]
    if code in {c.code for c in category.conditions}:
        draft.fault(table, row.number, COLUMNS["condition"], code, "fault.condition_twice")
        return
    limit = _limit(draft, table, row, COLUMNS["clock"], _cell(row, "clock"), _cell(row, "amount"))
    stages = list(_stages(draft, table, row))
    if limit is not None:
        category.conditions.append(
            Condition(
                code=code, zh=_cell(row, "condition_zh"), en=_cell(row, "condition_en"),
                clock=limit[0], amount=limit[1], closing_zh=_cell(row, "closing_zh"),
                closing_en=_cell(row, "closing_en"), basis=_cell(row, "basis"), stages=stages,
            )
        )  # fmt: skip


def _stages(draft: Draft, table: Table, row: Row) -> Iterator[Stage]:
    """Stages are written ``停工/Work stopped 4 工作时；处罚 7 工作日``; English may be missing."""
    for part in _cell(row, "stages").replace(";", "；").split("；"):
        words = part.rsplit(maxsplit=2)
        if not words:
            continue
        if len(words) != 3:
            draft.fault(
                table,
                row.number,
                COLUMNS["stages"],
                part,
                "fault.stages",
                "停工 4 工作时；处罚 7 工作日",
            )
            continue
        limit = _limit(draft, table, row, COLUMNS["stages"], words[2], words[1])
        if limit:
            zh, _, en = words[0].partition("/")
            yield Stage(zh=zh.strip(), en=en.strip(), clock=limit[0], amount=limit[1])


def _question(draft: Draft, table: Table, row: Row, known: Mapping[str, CategoryDraft]) -> None:
    cell = {name: row[title] for name, title in QUESTION_COLUMNS.items()}
    category = known.get(cell["category"])
    if category is None:
        draft.fault(
            table,
            row.number,
            QUESTION_COLUMNS["category"],
            cell["category"],
            "fault.category_unknown",
        )
        return
    kind = TYPE_WORDS.get(cell["type"], cell["type"])
    if kind not in TYPE_WORDS.values():
        draft.fault(
            table, row.number, QUESTION_COLUMNS["type"], cell["type"], "fault.question_type",
            "、".join(TYPE_WORDS),
        )  # fmt: skip
        return
    options = [o for o in cell["options"].replace("，", "、").split("、") if o]
    if kind == "choice" and len(options) < 2:
        draft.fault(
            table, row.number, QUESTION_COLUMNS["options"], cell["options"], "fault.options",
            "是、否",
        )  # fmt: skip
    when = dict([cell["when"].split("=", 1)]) if "=" in cell["when"] else {}
    category.questions.append(
        Question(
            code=cell["code"], zh=cell["zh"], en=cell["en"], type=kind,
            options=options, required=cell["required"].lower() in YES, when=when,
        )
    )  # fmt: skip


def _check(
    draft: Draft, table: Table, known: Mapping[str, CategoryDraft], where: Mapping[str, int]
) -> None:
    """What only the whole shows: parents, leaves without a limit, questions left in the air."""
    parents = {c.parent for c in known.values()}
    for code, category in known.items():
        row = where[code]
        if category.parent is not None and category.parent not in known:
            draft.fault(table, row, COLUMNS["parent"], category.parent, "fault.parent_unknown")
        if category.parent != code and _circles(code, known):
            draft.fault(table, row, COLUMNS["parent"], code, "fault.parent_circle")
        if category.parent == code:
            draft.fault(table, row, COLUMNS["parent"], code, "fault.parent_self")
        if code in parents and category.conditions:
            draft.fault(table, row, COLUMNS["condition_zh"], code, "fault.group_with_condition")
        if code not in parents and not category.conditions:
            draft.fault(table, row, COLUMNS["condition_zh"], "", "fault.leaf_without_condition")
        asked: set[str] = set()
        for question in category.questions:
            for earlier in question.when:
                if earlier not in asked:
                    draft.fault(table, row, QUESTION_COLUMNS["when"], earlier, "fault.when_unknown")
            asked.add(question.code)


def _circles(code: str, known: Mapping[str, CategoryDraft]) -> bool:
    seen = {code}
    above = known[code].parent
    while above is not None and above in known and above not in seen:
        seen.add(above)
        above = known[above].parent
    return above in seen
