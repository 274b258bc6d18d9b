"""Bulk actions: one verb for many records.

`asking` settles which records and has it done; `doing` does it batch by batch and takes it back;
`actions` is the table of what can be done. Every row goes through the verb that a person would use.
"""

from app.services.bulk.asking import (
    BulkDraft,
    BulkQuery,
    BulkRowQuery,
    ask,
    cancel,
    matching,
    undo,
)
from app.services.bulk.doing import DO, UNDO, carry_out, give_up, take_back

__all__ = [
    "DO",
    "UNDO",
    "BulkDraft",
    "BulkQuery",
    "BulkRowQuery",
    "ask",
    "cancel",
    "carry_out",
    "give_up",
    "matching",
    "take_back",
    "undo",
]
