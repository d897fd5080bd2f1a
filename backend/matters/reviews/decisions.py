"""What a meeting can decide, each as one transition of the event's own workflow. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.matters.events.vocabulary import Action
from backend.matters.items.workflow import Kind


class Decision(StrEnum):
    """One tap on the board."""

    ON_SPOT = "on_spot"  # 当场办结
    FILE = "file"  # 立案派遣
    PROBLEM = "problem"  # 问题清单: filed and routed, with an item that ends with it
    DEVELOPMENT = "development"  # 发展清单: carried on by an item
    TASK = "task"  # 任务清单: carried on by an item
    MERGE = "merge"  # 合并
    VERIFY = "verify"  # 再核实
    ESCALATE = "escalate"  # 上报提级
    PUT_OFF = "put_off"  # 下次再议
    REJECT = "reject"  # 不予受理


@dataclass(frozen=True)
class Meaning:
    """The step that a decision takes at the meeting's end, and the item that it makes."""

    action: Action
    # Filed matters are given out at once, where an organization was named.
    dispatches: bool = False
    makes: Kind | None = None


MEANS: Mapping[Decision, Meaning] = {
    Decision.ON_SPOT: Meaning(Action.RESOLVE_ON_SPOT),
    Decision.FILE: Meaning(Action.FILE, dispatches=True),
    Decision.PROBLEM: Meaning(Action.FILE, dispatches=True, makes=Kind.PROBLEM),
    Decision.DEVELOPMENT: Meaning(Action.CARRY_BY_ITEM, makes=Kind.DEVELOPMENT),
    Decision.TASK: Meaning(Action.CARRY_BY_ITEM, makes=Kind.TASK),
    Decision.MERGE: Meaning(Action.MERGE),
    Decision.VERIFY: Meaning(Action.REQUEST_VERIFICATION),
    Decision.ESCALATE: Meaning(Action.ESCALATE),
    Decision.PUT_OFF: Meaning(Action.PUT_OFF),
    Decision.REJECT: Meaning(Action.REJECT),
}
