"""Work orders: the verbs of the folder that holds a piece of work.

`records` makes and changes them, `moves` are a person's verbs, `following` is what the visits do to
the status, `checklist` is what is to be done. Every fact goes through `story.tell`.
"""

from app.services.work_orders.following import follow
from app.services.work_orders.moves import (
    Completion,
    Decision,
    ReasonedDecision,
    approve,
    cancel,
    close,
    complete,
    hold,
    ready,
    release,
    reopen,
)
from app.services.work_orders.past import PastWork, past, take_over
from app.services.work_orders.records import (
    NewWork,
    WorkOrderDraft,
    WorkOrderPatch,
    WorkOrderQuery,
    change,
    create,
    delete,
    open_up,
    prepare,
    restore,
)
from app.services.work_orders.visits import lock_open

__all__ = [
    "Completion",
    "Decision",
    "NewWork",
    "PastWork",
    "ReasonedDecision",
    "WorkOrderDraft",
    "WorkOrderPatch",
    "WorkOrderQuery",
    "approve",
    "cancel",
    "change",
    "close",
    "complete",
    "create",
    "delete",
    "follow",
    "hold",
    "lock_open",
    "open_up",
    "past",
    "prepare",
    "ready",
    "release",
    "reopen",
    "restore",
    "take_over",
]
