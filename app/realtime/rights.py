"""Whether those who listen still may: their session stands, with the rights that it came in with."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from app.core.db import Sessions
from app.realtime.sockets import Socket
from app.services.identity.live import versions

NOT_ANY_MORE = (4401, "your session ended or your rights changed: sign in or refresh, then return")


def still(socket: Socket, allowed: Mapping[UUID, int]) -> bool:
    """Whether its session stands with the rights that the socket was opened with."""
    return allowed.get(socket.standing.session_id) == socket.standing.perm_version


async def close_the_fallen(sessions: Sessions, sockets: Sequence[Socket]) -> None:
    """Close those of these whose session would not be let in as what they came in as. Whoever comes
    while that is asked is not among them: nothing was asked about them."""
    allowed = await versions(sessions, {one.standing.session_id for one in sockets})
    for socket in sockets:
        if not still(socket, allowed):
            socket.close(*NOT_ANY_MORE)
