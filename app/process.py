"""What one server process holds: settings, the engine, sessions, the seal of cursors, the demo."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from app.config import Settings
from app.core.crypto import Signer
from app.core.db import Sessions


@dataclass(frozen=True)
class DemoSignIn:
    """Somebody of the demo, for whoever tries it out."""

    org: str
    email: str
    password: str
    role: str


@dataclass(frozen=True)
class State:
    settings: Settings
    engine: AsyncEngine
    sessions: Sessions
    cursors: Signer
    demo: tuple[DemoSignIn, ...] = ()
