"""Which kinds of jobs there are, and the function that does each."""

from collections.abc import Mapping
from uuid import UUID

from app.services import imports
from app.tasks.work import Definition, Work


async def read_import(work: Work, import_id: UUID | None) -> None:
    """Read the file that somebody sent."""
    assert import_id is not None
    await imports.read_in(work.transaction, import_id)


DEFINITIONS: Mapping[str, Definition] = {
    imports.JOB: Definition(read_import, source="import", gave_up=imports.give_up),
}
