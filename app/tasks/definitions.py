"""Which kinds of jobs there are, and the function that does each."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

from app.core.db import Sessions
from app.services import bulk, geocoding, imports, leaving, mails, samples
from app.services.files import arriving
from app.services.identity import addresses, letters
from app.services.tracking import roads
from app.tasks.driving import DRIVING
from app.tasks.geocoding import LOOKING
from app.tasks.mailing import SENDING
from app.tasks.work import Definition, Work


async def read_import(work: Work, import_id: UUID | None) -> None:
    """Read the file that somebody sent."""
    assert import_id is not None
    await imports.read_in(work.transaction, import_id)


async def undo_import(work: Work, import_id: UUID | None) -> None:
    """Take back what a file did."""
    assert import_id is not None
    await imports.revert(work.transaction, import_id)


async def do_bulk_action(work: Work, bulk_id: UUID | None) -> None:
    """Do one thing to many records."""
    assert bulk_id is not None
    await bulk.carry_out(work.transaction, bulk_id)


async def undo_bulk_action(work: Work, bulk_id: UUID | None) -> None:
    """Take it back."""
    assert bulk_id is not None
    await bulk.take_back(work.transaction, bulk_id)


async def make_archive(work: Work, archive_id: UUID | None) -> None:
    """Write the whole organisation into a file that its owner takes away."""
    assert archive_id is not None
    await leaving.carry_out(work.sessions, work.transaction, archive_id)


async def settle_files(work: Work, _: UUID | None) -> None:
    """Put the files that came with an archive in their places."""
    done = False
    while not done:
        async with work.transaction():
            pass  # whether it is still ours to do
        done = await arriving.settle(work.sessions, work.org_id)


async def load_samples(work: Work, sample_id: UUID | None) -> None:
    """Make sample records."""
    assert sample_id is not None
    await samples.make(work.transaction, sample_id)


async def remove_samples(work: Work, sample_id: UUID | None) -> None:
    """Remove those that nobody has touched or used."""
    assert sample_id is not None
    await samples.take_away(work.transaction, sample_id)


# Of a worker's ten places, files, exports and what takes as long have nine together: there is always
# one in which a code or a letter goes out.
DEFINITIONS: Mapping[str, Definition] = {
    imports.JOB: Definition(
        read_import, source="import", at_once=4, of_each=2, gave_up=imports.give_up
    ),
    imports.UNDO: Definition(
        undo_import, source="import", at_once=1, of_each=1, gave_up=imports.give_up_undoing
    ),
    mails.JOB: SENDING,
    bulk.DO: Definition(do_bulk_action, source="bulk", gave_up=bulk.give_up),
    leaving.JOB: Definition(
        make_archive, source="archive", attempts=3, at_once=1, gave_up=leaving.give_up
    ),
    arriving.JOB: Definition(settle_files, source="restore", attempts=10),
    bulk.UNDO: Definition(undo_bulk_action, source="bulk", gave_up=bulk.give_up),
    geocoding.JOB: LOOKING,
    roads.JOB: DRIVING,
    samples.LOAD: Definition(load_samples, source="demo", gave_up=samples.give_up),
    samples.REMOVE: Definition(remove_samples, source="demo", gave_up=samples.give_up),
}

WITHOUT_ORGANISATION: Mapping[str, Callable[[Sessions, UUID], Awaitable[timedelta | None]]] = {
    addresses.JOB: addresses.copy_into_organisations,
    letters.JOB: letters.send,
}
"""What is done before there is an organisation: it counts its own attempts, and answers with how
long to wait before the next."""
