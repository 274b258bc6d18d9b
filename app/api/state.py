"""What one server process holds: settings, the engine, sessions, the signer of cursors."""

from dataclasses import dataclass

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine

from app.config import Settings
from app.core.crypto import Signer
from app.core.db import Sessions


@dataclass(frozen=True)
class State:
    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    cursors: Signer


def state_of(request: Request) -> State:
    """The process's state, from a request."""
    state: State = request.app.state.truckroll
    return state
