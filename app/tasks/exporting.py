"""Making exports: a job that is given the way to read lists, which is above it."""

from uuid import UUID

from app.services import exports
from app.services.exports import ReadList
from app.tasks.work import Definition, Work

AT_ONCE = 2
"""Each reads in a long transaction of its own, and takes its turn on the processor."""


def exporting(read: ReadList) -> Definition:
    """The job that makes an export."""

    async def make(work: Work, export_id: UUID | None) -> None:
        assert export_id is not None
        await exports.carry_out(work, read, export_id)

    return Definition(make, source="export", at_once=AT_ONCE, of_each=1, gave_up=exports.give_up)
