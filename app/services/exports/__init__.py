"""Exports: a list of any length as CSV or XLSX, made in the background.

`asking` settles what is exported and stops it; `making` writes the file by the list's own pages, as
`reading` shows them; `opening` says who may have the file, and makes the links that expire; `sweeping`
takes files away whose time is over.
"""

from app.services.exports.asking import ExportDraft, ExportQuery, ask, cancel
from app.services.exports.making import JOB, carry_out, give_up
from app.services.exports.opening import Linked, link_of, opened
from app.services.exports.reading import Read, ReadList

__all__ = [
    "JOB",
    "ExportDraft",
    "ExportQuery",
    "Linked",
    "Read",
    "ReadList",
    "ask",
    "cancel",
    "carry_out",
    "give_up",
    "link_of",
    "opened",
]
