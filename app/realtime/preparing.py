"""From entries of the journal to the frames of each socket: who listens, who sees it, what it says."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.db import Sessions
from app.core.telemetry import RESYNCS
from app.realtime import changes as journal
from app.realtime.audience import Audience
from app.realtime.changes import Change
from app.realtime.doors import Doors
from app.realtime.frames import message
from app.realtime.rights import NOT_ANY_MORE, still
from app.realtime.seeing import Record, Seen, once_seen_by, seen_by
from app.realtime.sockets import Frames, Socket, Subscription
from app.realtime.topics import Kinds
from app.services.identity.live import Standing, versions

Matched = dict[Change, list[Subscription]]
"""Entries that somebody listens to, through which of their topics."""
Matches = dict[Socket, Matched]


class Preparing:
    """For one organisation."""

    def __init__(
        self,
        sessions: Sessions,
        kinds: Kinds,
        audience: Audience,
        doors: Doors,
        proof_of: Callable[[int], str],
    ) -> None:
        """`proof_of` knows the proof of a number, or says nothing."""
        self._sessions, self._kinds = sessions, kinds
        self._audience, self._doors, self._proof_of = audience, doors, proof_of
        self._zone = ""

    async def frames(
        self,
        session: AsyncSession,
        found: list[Change],
        sockets: Collection[Socket],
    ) -> dict[Socket, Frames]:
        """The frames of these entries for each socket, under the rights they have after them."""
        if not sockets:
            return {}
        if any(change.entity == "organisation" for change in found):
            self._zone = ""
        matches = await self._matches(session, found, sockets)
        reached = any(change.reaches for change in found)
        narrow = {socket for socket in sockets if socket.narrow} if reached else set()
        allowed = await versions(
            self._sessions, {one.standing.session_id for one in (*matches, *narrow)}
        )
        staying: list[Socket] = []
        for socket in {*matches, *narrow}:
            if still(socket, allowed):
                staying.append(socket)
            else:
                socket.close(*NOT_ANY_MORE)
        matched = {socket: matches.get(socket, {}) for socket in staying}
        visible, once = await self._looked_at(session, matched)
        prepared: dict[Socket, Frames] = {}
        built: dict[tuple[int, tuple[str, ...]], bytes] = {}
        for socket, changes in matched.items():
            who = socket.standing
            frames = Frames(events=_events(changes, visible[who], built))
            if socket.narrow:
                unseen = _unseen(changes, visible[who])
                frames.marks.extend(await self._lost(session, socket, unseen, once.get(who, ())))
            if socket in narrow or _concerns(socket, changes):
                frames.marks.extend(_ended(await self._doors.anew(session, socket)))
                RESYNCS.inc()
                frames.marks.append(
                    message("resync", seq=socket.sent, proof=self._proof_of(socket.sent))
                )
            prepared[socket] = frames
        return prepared

    async def _looked_at(
        self, session: AsyncSession, matched: Mapping[Socket, Matched]
    ) -> tuple[Mapping[Standing, Collection[Record]], Seen]:
        """Which of the records that changed each person sees; and which visits, of those that they do
        not, they once saw."""
        asked: dict[Standing, set[Record]] = defaultdict(set)
        for socket, changes in matched.items():
            asked[socket.standing] |= {(change.entity, change.id) for change in changes}
        visible = await seen_by(session, self._kinds, asked)
        missing = {
            who: {id for entity, id in records - visible[who] if entity == "visit"}
            for who, records in asked.items()
            if not who.sees_all
        }
        asking = [who for who, ids in missing.items() if ids]
        return visible, await once_seen_by(session, set().union(*missing.values()), asking)

    async def _matches(
        self, session: AsyncSession, found: list[Change], sockets: Collection[Socket]
    ) -> Matches:
        """Who listens to which of these entries, through which topics."""
        speaking = [one for one in found if not one.told]
        await journal.add_subjects(session, speaking, list(self._audience.records))
        if self._audience.days:
            await journal.add_days(session, speaking, await self._its_zone(session))
        matches: Matches = defaultdict(dict)
        for change in speaking:
            for subscription in self._audience.of(change):
                if subscription.socket in sockets:
                    matches[subscription.socket].setdefault(change, []).append(subscription)
        return matches

    async def _lost(
        self, session: AsyncSession, socket: Socket, unseen: Matched, once: Collection[UUID]
    ) -> list[bytes]:
        """What somebody may still show of what was theirs: topics to look at again, topics that end."""
        names, held = set[str](), False
        for change, subscriptions in unseen.items():
            held = held or any(one.topic.id is not None for one in subscriptions)
            if change.entity == "visit" and change.id in once:
                names |= {one.topic.name for one in subscriptions if one.topic.name}
        if not names and not held:
            return []  # it never was theirs
        gone = await self._doors.gone(session, socket)
        marks = _ended(gone)
        if again := sorted(names - gone):
            RESYNCS.inc()
            marks.append(message("resync", seq=socket.sent, topics=again))
        return marks

    async def _its_zone(self, session: AsyncSession) -> str:
        if not self._zone:
            self._zone = await journal.zone_of(session)
        return self._zone


def _events(
    matched: Matched, visible: Collection[Record], built: dict[tuple[int, tuple[str, ...]], bytes]
) -> list[tuple[int, bytes]]:
    """The events of what somebody sees; each made once for all who are told the same."""
    events = []
    for change, subscriptions in matched.items():
        names = tuple(sorted(one.topic.name for one in subscriptions if one.topic.name))
        if not names or (change.entity, change.id) not in visible:
            continue
        key = (change.seq, names)
        if key not in built:
            built[key] = event(change, names)
        events.append((change.seq, built[key]))
    return events


def _unseen(matched: Matched, visible: Collection[Record]) -> Matched:
    return {
        change: subscriptions
        for change, subscriptions in matched.items()
        if (change.entity, change.id) not in visible
    }


def event(change: Change, topics: tuple[str, ...]) -> bytes:
    """What a client is told of an entry: which record it should look at again, and why."""
    body: dict[str, Any] = {
        "seq": change.seq,
        "proof": change.proof,
        "topic": topics[0],
        "topics": topics,
        "fact": change.action if change.is_fact else None,
        "action": change.action,
        "entity": change.entity,
        "id": change.id,
        "version": change.version,
        "request_id": change.request_id,
    }
    return message("event", **body)


def _ended(topics: Iterable[str]) -> list[bytes]:
    """That these topics are not listened to any more."""
    return [message("unsubscribed", topic=one, code="not_found") for one in sorted(topics)]


def _concerns(socket: Socket, matched: Matched) -> bool:
    """Whether somebody's own place or rights changed while they were away, or just before they came."""
    return any(
        socket.watch in subscriptions
        and change.is_fact
        and change.action.startswith(("member.", "organisation.role_"))
        for change, subscriptions in matched.items()
    )
