"""Bringing somebody else's list in: which column means what, who is already here, what is wrong.

`intake` receives the file, `looking` says who sees it, `records` are the verbs on it; `reading` does it,
batch by batch, from a job or the command line, `reverting` takes it back, and `mending` gives the refused
rows back as a file. `kinds` say what rows mean, one file a kind; `mapping` finds their columns, `rows` reads
them, `taking` makes records of them, `undoing` unmakes them.
"""

from app.services.imports.checking import (
    CheckDraft,
    ImportRowPatch,
    MendingQuery,
    check,
    mend,
    problems_of,
    require_row,
    worth_a_look,
)
from app.services.imports.columns import FileColumn, columns_of
from app.services.imports.intake import receive
from app.services.imports.looking import look_at, look_into, shown_to
from app.services.imports.mending import mendable
from app.services.imports.reading import JOB, read_in
from app.services.imports.records import (
    ImportChangeQuery,
    ImportDraft,
    ImportQuery,
    ImportRowQuery,
    IssueQuery,
    begin,
    cancel,
    create,
    give_up,
    run,
    undo,
)
from app.services.imports.reverting import UNDO, revert
from app.services.imports.reverting import give_up as give_up_undoing
from app.services.imports.sweeping import sweep

__all__ = [
    "JOB",
    "UNDO",
    "CheckDraft",
    "FileColumn",
    "ImportChangeQuery",
    "ImportDraft",
    "ImportQuery",
    "ImportRowPatch",
    "ImportRowQuery",
    "IssueQuery",
    "MendingQuery",
    "begin",
    "cancel",
    "check",
    "columns_of",
    "create",
    "give_up",
    "give_up_undoing",
    "look_at",
    "look_into",
    "mend",
    "mendable",
    "problems_of",
    "read_in",
    "receive",
    "require_row",
    "revert",
    "run",
    "shown_to",
    "sweep",
    "undo",
    "worth_a_look",
]
