"""`/health`: is the process up, and can it do its work. Outside the pool, so that a full one shows."""

import asyncio

from fastapi import APIRouter, Request

from app import __version__
from app.api.outputs import Out
from app.api.problems import answers
from app.api.state import state_of
from app.core.errors import Unavailable
from app.core.lost import answers as database_answers

router = APIRouter(prefix="/health", tags=["operations"])


class HealthOut(Out):
    status: str
    version: str


@router.get("/live", operation_id="health_live", summary="The process runs")
async def live() -> HealthOut:
    """200 while the process answers at all."""
    return HealthOut(status="ok", version=__version__)


async def _database(request: Request) -> None:
    """Ask the database over a connection of its own: one, however many are asking us."""
    asking: asyncio.Future[bool] | None = getattr(request.app.state, "asking", None)
    if asking is None or asking.done():
        url = state_of(request).engine.url.set(drivername="postgresql")
        asking = asyncio.ensure_future(database_answers(url.render_as_string(hide_password=False)))
        request.app.state.asking = asking
    if not await asyncio.shield(asking):
        raise Unavailable("The database does not answer.", headers={"Retry-After": "2"})


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
