"""What a process lends to its verbs beyond the database: the vault, the post, its own address,
the store of files.

They travel with the sessions (`Sessions(engine, tools=…)`), so a verb reaches them through its
transaction and tests hand in others.
"""

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.objects import Objects
from app.core.places import Places
from app.core.roads import Roads
from app.core.vault import Vault


class Post(Protocol):
    """Whatever carries a mail away (`app.integrations.mail`)."""

    async def send(self, message: bytes, to: str) -> None:
        """Hand over one finished message (RFC 5322) for one address."""
        ...


@dataclass(frozen=True)
class Tools:
    vault: Vault
    post: Post
    public_url: str
    """Where people reach this installation, without a slash at the end: links in mails begin so."""
    mail_from: str
    """The address that mails come from."""
    objects: Objects
    """Where the content of files is."""
    places: Places | None = None
    """Who knows where addresses are; None: nobody is asked."""
    roads: Roads | None = None
    """Who knows how long drives take; None: nobody is asked."""


def tools_of(session: AsyncSession) -> Tools:
    """The tools of the process that opened this session."""
    tools: Tools | None = session.sync_session.info.get("tools")
    assert tools is not None, "These sessions were made without tools: Sessions(engine, tools=…)."
    return tools


def places_of(session: AsyncSession) -> Places | None:
    """Who is asked where addresses are, if anybody."""
    tools: Tools | None = session.sync_session.info.get("tools")
    return tools.places if tools is not None else None


def roads_of(session: AsyncSession) -> Roads | None:
    """Who is asked how long drives take, if anybody."""
    tools: Tools | None = session.sync_session.info.get("tools")
    return tools.roads if tools is not None else None
