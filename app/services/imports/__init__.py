"""Bringing somebody else's list in: which column means what, who is already here, what is wrong.

`records` are the verbs on an import itself; `reading` does it, batch by batch, from a job or the
command line. `kinds` say what rows mean, one file a kind; `mapping` finds their columns, `rows` reads
them, `taking` makes records of them.
"""

from app.services.imports.reading import read_in
from app.services.imports.records import (
    JOB,
    ImportDraft,
    ImportQuery,
    IssueQuery,
    begin,
    create,
    give_up,
)

__all__ = [
    "JOB",
    "ImportDraft",
    "ImportQuery",
    "IssueQuery",
    "begin",
    "create",
    "give_up",
    "read_in",
]
