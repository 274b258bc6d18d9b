"""Bringing somebody else's list in: which column means what, who is already here, what is wrong.

`records` are the verbs on an import itself; `reading` does it, row by row, from a job or the command
line. What decides is pure: `mapping` of columns, `rows` and their meaning, `duplicates`.
"""

from app.services.imports.reading import read_in
from app.services.imports.records import (
    JOB,
    ImportDraft,
    ImportKey,
    ImportQuery,
    IssueQuery,
    begin,
    create,
    give_up,
)

__all__ = [
    "JOB",
    "ImportDraft",
    "ImportKey",
    "ImportQuery",
    "IssueQuery",
    "begin",
    "create",
    "give_up",
    "read_in",
]
