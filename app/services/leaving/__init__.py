"""Leaving whole: one organisation's records, files and journal as one archive.

- `carried`: which tables leave, in which form, and why the others stay.
- `reading`: its rows as lines of JSON, behind its wall, and the figures that prove them.
- `packing`: the archive, from one moment.
- `archives`: asked for by its owner, made by a job, downloaded for a day.

Bringing one in is the operator's: `app.backup.bringing`.
"""

from app.services.leaving.archives import (
    JOB,
    ArchiveQuery,
    ask,
    carry_out,
    content,
    give_up,
    sweep,
)

__all__ = ["JOB", "ArchiveQuery", "ask", "carry_out", "content", "give_up", "sweep"]
