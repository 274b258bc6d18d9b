"""`/api/v2/realtime`: tickets for the socket, which is served beside the routes (`app/realtime`)."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from app.api.deps import SignedIn
from app.api.edge import SecretEdge
from app.api.outputs import Out
from app.api.problems import answers
from app.services.identity import live, tickets

router = APIRouter(
    prefix="/api/v2/realtime",
    tags=["realtime"],
    route_class=SecretEdge,
    responses=answers(401, 403),
)


class LiveTicketOut(Out):
    """Shown once, good once."""

    ticket: Annotated[
        str, Field(description="Send it in the socket's first message, `hello`; never in a URL.")
    ]
    expires_in: int = Field(description="Seconds until it is good for nothing.")


@router.post(
    "/tickets",
    operation_id="create_realtime_ticket",
    summary="Get a ticket for the socket",
)
async def create_ticket(ctx: SignedIn) -> LiveTicketOut:
    """A ticket with which this session opens `GET /api/v2/realtime` as a WebSocket. Whatever ends the
    session, or changes its rights, closes the socket."""
    lives = int(tickets.LIVES[live.PURPOSE].total_seconds())
    return LiveTicketOut(ticket=await live.issue_ticket(ctx), expires_in=lives)
