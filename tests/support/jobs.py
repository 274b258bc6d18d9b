"""Jobs that behave badly on purpose, and workers that can be killed.

`python -m tests.support.jobs URL` is a worker in a process of its own.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from app.core.db import Scope, Sessions, make_engine
from app.models.customers import Customer
from app.models.jobs import Job
from app.services import customers, jobs
from app.services.customers import CustomerDraft
from app.services.identity.acting import act_for
from app.tasks.definitions import DEFINITIONS
from app.tasks.work import Definition, Work
from app.tasks.worker import Worker
from tests.support import nest
from tests.support.database import Database
from tests.support.people import Company

SOON = timedelta(milliseconds=50)
HEARTBEAT = timedelta(seconds=1)


async def greet(work: Work, subject_id: UUID | None) -> None:
    """Adds one customer, named after the job."""
    async with work.transaction(last=True) as ctx:
        await customers.create(ctx, CustomerDraft(name=f"Greeted by {work.job_id}"))


async def die_in_transaction(work: Work, subject_id: UUID | None) -> None:
    """The first attempt dies with its work done and not committed."""
    async with work.transaction(last=True) as ctx:
        await customers.create(ctx, CustomerDraft(name=f"Greeted by {work.job_id}"))
        if work.attempt == 1:
            os.kill(os.getpid(), signal.SIGKILL)


async def die_after_commit(work: Work, subject_id: UUID | None) -> None:
    """Every attempt dies as soon as its work is committed, before the queue hears of it."""
    await greet(work, subject_id)
    os.kill(os.getpid(), signal.SIGKILL)


async def poison(work: Work, subject_id: UUID | None) -> None:
    """Takes its worker with it, always."""
    os.kill(os.getpid(), signal.SIGKILL)


async def need_notes(work: Work, subject_id: UUID | None) -> None:
    """Fails until its customer has notes."""
    async with work.transaction(last=True) as ctx:
        assert subject_id is not None
        customer = await ctx.get(Customer, subject_id)
        if customer.notes is None:
            raise LookupError("secret of the trace")
        customer.source = "job"


async def count_to_three(work: Work, subject_id: UUID | None) -> None:
    """Three transactions; each adds a customer, and a later attempt goes on where one stopped."""
    for number in range(3):
        async with work.transaction() as ctx:
            name = f"{number} of {work.job_id}"
            known = await ctx.session.scalar(ctx.select(Customer).where(Customer.name == name))
            if known is None:
                await customers.create(ctx, CustomerDraft(name=name))
        await asyncio.sleep(0.3)


MISBEHAVING: Mapping[str, Definition] = {
    "test.greet": Definition(greet),
    "test.die_in_transaction": Definition(die_in_transaction, delay=SOON),
    "test.die_after_commit": Definition(die_after_commit, delay=SOON),
    "test.poison": Definition(poison, attempts=3, delay=SOON),
    "test.need_notes": Definition(need_notes, attempts=3, delay=SOON),
    "test.count_to_three": Definition(count_to_three, delay=SOON),
}


async def asked(company: Company, kind: str, subject: UUID | None = None) -> UUID:
    """A job of `kind`, committed, in the name of the company's owner."""
    owner = await company.person("owner")
    scope = Scope(company.id, owner.user_id, "test", "asking")
    async with company.server.state.sessions.open(scope) as session:
        ctx = await act_for(session, owner.user_id)
        about = await ctx.get(Customer, subject) if subject else None
        job = await jobs.ask(ctx, kind, about)
        await session.commit()
        return job.id


async def ended(company: Company, job_id: UUID, *statuses: str, within: float = 30) -> Job:
    """Wait until the job has one of `statuses`; the job as the API shows it."""
    owner = await company.person("owner")
    async with asyncio.timeout(within):
        while True:
            job = await owner.got(f"/api/v2/jobs/{job_id}")
            if job["status"] in statuses:
                return job
            await asyncio.sleep(0.05)


@asynccontextmanager
async def working(
    database: Database,
    sessions: Sessions,
    definitions: Mapping[str, Definition] = DEFINITIONS,
    *,
    schedules: bool = False,
) -> AsyncIterator[None]:
    """A worker in this process until the block ends; what the clock asks for is done only with
    `schedules`, for that goes through every organisation of the database each minute."""
    stop = asyncio.Event()
    worker = Worker(
        sessions,
        database.app,
        definitions=definitions,
        heartbeat=HEARTBEAT,
        schedules=schedules,
    )
    task = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def worker_process(database: Database) -> nest.Program:
    """A worker in a process of its own."""
    return await asyncio.to_thread(
        nest.python, "tests.support.jobs", database.app, stdout=sys.__stdout__
    )


async def _main(url: str) -> None:
    engine = make_engine(url, pool_size=2)
    worker = Worker(Sessions(engine), url, definitions=MISBEHAVING, heartbeat=HEARTBEAT)
    await worker.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
