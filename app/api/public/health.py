"""`/health`: is the process up, and can it do its work. Outside the pool, so that a full one shows."""

import asyncio

import asyncpg
from fastapi import APIRouter, Request

from app import __version__
from app.api.outputs import Out
from app.api.problems import answers
from app.api.state import state_of
from app.core.errors import Unavailable

router = APIRouter(prefix="/health", tags=["operations"])


class HealthOut(Out):
    status: str
    version: str


@router.get("/live", operation_id="health_live", summary="The process runs")
async def live() -> HealthOut:
    """200 while the process answers at all."""
    return HealthOut(status="ok", version=__version__)


async def _database(request: Request) -> None:
    url = state_of(request).engine.url.set(drivername="postgresql")
    try:
        async with asyncio.timeout(2):
            connection = await asyncpg.connect(url.render_as_string(hide_password=False))
            await connection.fetchval("select 1")
            await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise Unavailable("The database does not answer.", headers={"Retry-After": "2"}) from error


@router.get(
    "/ready", operation_id="health_ready", summary="The process can work", responses=answers(503)
)
async def ready(request: Request) -> HealthOut:
    """200 when the database answers too."""
    await _database(request)
    return HealthOut(status="ok", version=__version__)


@router.get("", operation_id="health", summary="Health", responses=answers(503))
async def health(request: Request) -> HealthOut:
    """The same as `/health/ready`."""
    await _database(request)
    return HealthOut(status="ok", version=__version__)
