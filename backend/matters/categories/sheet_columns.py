"""How the two sheets of a scheme are laid out: titles, words for values, what a cell may hold."""

from typing import Any

from backend.core.inputs import CategoryCode, Label, Line, Note, Short
from backend.tools.calendar.clocks import Clock

CLOCK_WORDS = {
    "紧急工作时": Clock.URGENT_HOUR, "工作时": Clock.WORK_HOUR, "工作日": Clock.WORK_DAY,
    "自然日": Clock.CALENDAR_DAY,
}  # fmt: skip
YES, NO = ("是", "yes", "y", "1", "true", "√"), ("否", "no", "n", "0", "false", "")
# The titles of the columns, in the order in which they are written.
COLUMNS = {
    "code": "编码", "parent": "上级编码", "zh": "名称", "en": "英文名称", "icon": "图标",
    "photo": "必须拍照", "self_resolve": "可自行处置", "fast": "快速通道", "recheck": "必须核查",
    "sensitive": "限制可见", "personal": "涉及个人", "duty": "牵头职责", "words": "关键词",
    "condition": "条件编码",
    "condition_zh": "立案条件", "condition_en": "立案条件英文", "clock": "时限类型",
    "amount": "时限", "closing_zh": "结案条件", "closing_en": "结案条件英文", "basis": "法律依据",
    "stages": "分段时限",
}  # fmt: skip
QUESTION_COLUMNS = {
    "category": "类别编码", "code": "问题编码", "zh": "问题", "en": "英文问题", "type": "类型",
    "options": "选项", "required": "必答", "when": "前提",
}  # fmt: skip
TYPE_WORDS = {"单选": "choice", "文字": "text", "数字": "number", "是否": "yes_no"}
FLAGS = ("photo", "self_resolve", "fast", "recheck", "sensitive", "personal")

# What a cell may hold: the limits of the fields that it fills.
KINDS: dict[str, Any] = {
    "code": CategoryCode, "parent": CategoryCode, "zh": Short, "en": Short, "icon": Label,
    "duty": Label, "words": Note, "condition": CategoryCode, "condition_zh": Line,
    "condition_en": Line, "closing_zh": Line, "closing_en": Line, "basis": Line, "stages": Note,
}  # fmt: skip
QUESTION_KINDS: dict[str, Any] = {
    "category": CategoryCode, "code": Label, "zh": Line, "en": Line, "options": Note, "when": Line,
}  # fmt: skip
