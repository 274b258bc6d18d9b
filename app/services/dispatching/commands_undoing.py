"""Undoing and redoing: the rows of a command as they were before it, in one transaction.

Redoing is undoing what undid it, so that one way back serves both, as often as somebody likes. What
is always true:

- Nothing of a row that somebody else has changed since is written over: it is refused, naming who. A work
  order does not go with what somebody has put into it since.
- The status is written as it was, though no verb of `MOVES` leads back: a verb says what happened, and
  here it is said that something did *not* happen. Who may do it is asked as for the command itself.
- Time is taken again only where it is free, and people work only if they still do.
- The ledger of promises is never changed but to close a row. A promise that was undone is closed,
  and the one before it is written anew; the customer has to be told, unless they never heard of the other.
- What was made stays in its story: visits, events and work orders are deleted softly, people are taken
  off. What has left the house (mails, what somebody has seen) is said and not taken back.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload, selectinload

from app.core import clock, wall
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.ids import new_id
from app.core.model import TenantModel
from app.models.assignments import Assignment, AssignmentStatus
from app.models.bookings import Booking
from app.models.bulk import BulkAction, BulkOutcome, BulkRow, BulkStatus
from app.models.commands import Command
from app.models.day_notes import DayNote
from app.models.events import Event, EventParticipant
from app.models.holds import Hold, HoldStatus
from app.models.mails import Mail, MailStatus
from app.models.pauses import Pause
from app.models.permissions import Permission
from app.models.promises import Promise, ToldVia
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import OCCUPYING, Visit
from app.models.work_orders import WorkOrder
from app.services.context import Ctx
from app.services.dispatching import commands_journal
from app.services.dispatching.commands_booking import crossing, refuse_taken
from app.services.dispatching.commands_journal import Entry, Touched
from app.services.dispatching.commands_rows import Row, read, rows_of
from app.services.facts import Fact, Told, emit_all, sentence
from app.services.visits import bookings, crew, gating, promises
from app.services.visits.taking import WHOLE, WORK_ORDER
from app.services.visits.telling import names
from app.services.visits.work import locked, refuse_ended
from app.services.work_orders.following import follow

BOARD: Mapping[str, type[TenantModel]] = {
    "visit": Visit,
    "event": Event,
    "assignment": Assignment,
    "booking": Booking,
    "visit_vehicle": VisitVehicle,
    "event_participant": EventParticipant,
    "visit_pause": Pause,
    "promise": Promise,
    "hold": Hold,
    "day_note": DayNote,
    "work_order": WorkOrder,
}
"""What is put back."""
PARTS = (Hold, Assignment, Booking, VisitVehicle, EventParticipant, Pause, DayNote)
"""Rows of a visit or event, or beside them, put back column by column."""
TOLD_OF: Mapping[str, tuple[Fact, Fact]] = {
    "visit": (Fact.visit_undone, Fact.visit_redone),
    "event": (Fact.event_undone, Fact.event_redone),
    "hold": (Fact.hold_undone, Fact.hold_redone),
    "day_note": (Fact.day_note_undone, Fact.day_note_redone),
}
"""What is said in a record's story: that something was undone, or redone."""
NOT_SEEN = "This changed what you do not see. Ask somebody who sees all of it."
KEPT_BACK = "It was undone before it was sent."
"""Why a mail was not sent."""
BY_THEMSELVES = (Hold, DayNote)
"""Of those what is no part of a visit or event, and is seen or not by itself."""
LISTED: Mapping[type[TenantModel], Any] = {
    VisitVehicle: VisitVehicle.visit_id,
    EventParticipant: EventParticipant.event_id,
}
"""Parts that are shown in the order in which they were put there, and the record they belong to."""
BESIDE: Mapping[str, str] = {
    "mail": "what has left the house is said in the reply; what still waits is kept back",
    "geofence_event": "what positions suggest is suggested again while it is so",
    "checklist_item": "comes and goes with the work order that was made",
    "work_order_equipment": "comes and goes with the work order that was made",
    "bulk_action": "says how many records it changed, and whether it is undone",
    "bulk_row": "what became of a record; it says so once that is undone",
    "job": "work that was asked for asks itself what is still to be done",
}
"""What a command may also write, and why undoing it leaves that alone."""


@dataclass(frozen=True)
class Left:
    """Something that could not be taken back, or was not done again."""

    kind: str
    detail: str


@dataclass
class Undone:
    """What became of it: the records as they are now, and what is not taken back."""

    visit_ids: list[UUID] = field(default_factory=list)
    event_ids: list[UUID] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def refuse_not_mine(ctx: Ctx, command: Command) -> None:
    """Raise `Forbidden` about somebody else's command, or one that one could not do oneself."""
    ctx.require(Permission(command.permission))
    if command.asked_by_id != ctx.user_id and not ctx.may(Permission.dispatch_override):
        raise Forbidden(
            "Somebody else did this. Ask them to undo it, or somebody who may overrule.",
            code="not_yours",
            permission=Permission.dispatch_override.value,
        )


async def undo(ctx: Ctx, command: Command) -> Undone:
    """Put everything back as it was before `command`, which is locked.

    Raises `Conflict`: `already_undone`; `touched_since` naming who; `double_booking` as planning a
    visit does; `work_order_ended`; `technician_inactive`; `not_undoable`.
    """
    refuse_not_mine(ctx, command)
    if command.step % 2:
        raise Conflict("This is undone already.", code="already_undone")
    return await _step(ctx, command)


async def redo(ctx: Ctx, command: Command) -> Undone:
    """Do again what was undone; as `undo`. Raises `Conflict` `not_undone` about what was not."""
    refuse_not_mine(ctx, command)
    if not command.step % 2:
        raise Conflict("This was not undone, so there is nothing to do again.", code="not_undone")
    return await _step(ctx, command)


async def _step(ctx: Ctx, command: Command) -> Undone:
    bulk = await _ended(ctx, command)
    entries = await commands_journal.entries(ctx, command.id)
    rows = rows_of(entries)
    refuse_unknown(rows)
    way_back = await _WayBack.taken(
        ctx,
        rows,
        again=command.step % 2 == 1,
        since=command.stepped_at or command.created_at,
    )
    touched = await commands_journal.touched(ctx, [command.id], list(BOARD))
    if command.id in touched:
        raise await _touched_since(ctx, touched[command.id])
    await way_back.go()
    await _say(ctx, way_back, entries)
    command.step += 1
    if bulk is not None:
        await _count(ctx, bulk, undone=command.step % 2 == 1)
    command.stepped_at, command.stepped_by_id = clock.now(), ctx.user_id
    await commands_journal.record_run(ctx, id=new_id(), command_id=command.id, step=command.step)
    return Undone(
        [one.id for one in way_back.visits],
        [one.id for one in way_back.events],
        _left(way_back),
    )


async def _ended(ctx: Ctx, command: Command) -> BulkAction | None:
    """The bulk action that it is, if it is one. Raises `Conflict` while that goes on."""
    if command.bulk_action_id is None:
        return None
    bulk = await ctx.session.get_one(BulkAction, (ctx.org_id, command.bulk_action_id))
    if bulk.status in (BulkStatus.queued, BulkStatus.running):
        raise Conflict(
            "This bulk action still goes on. Stop it, or wait until it has ended.", code="not_ended"
        )
    return bulk


async def _count(ctx: Ctx, bulk: BulkAction, *, undone: bool) -> None:
    """The bulk action says of each record whether it is as it was before."""
    was, now = BulkOutcome.changed, BulkOutcome.restored
    if not undone:
        was, now = now, was
    bulk.status = BulkStatus.undone if undone else BulkStatus.completed
    bulk.rows_changed, bulk.rows_restored = bulk.rows_restored, bulk.rows_changed
    await ctx.session.execute(
        update(BulkRow)
        .where(BulkRow.bulk_action_id == bulk.id, BulkRow.outcome == was)
        .values(outcome=now)
        .execution_options(synchronize_session=False)
    )


def refuse_unknown(rows: Iterable[Row]) -> None:
    """Raise `Conflict` for a command that wrote what is not put back from here."""
    rows = list(rows)
    unknown = sorted({row.entity for row in rows} - BOARD.keys() - BESIDE.keys())
    if unknown:
        what = " and ".join(one.replace("_", " ") for one in unknown)
        raise Conflict(
            f"This also changed a {what}, which is not undone here.", code="not_undoable"
        )
    if not any(row.entity in BOARD for row in rows):
        raise Conflict("Nothing is left that could be undone.", code="not_undoable")


async def _touched_since(ctx: Ctx, touched: Touched) -> Conflict:
    label = await _label(ctx, touched)
    mine = touched.by_id == ctx.user_id
    who = "You" if mine else touched.by_name or "The system"
    undoable = mine and touched.entity in BOARD
    advice = "Undo that first." if undoable else "Look at it as it is now."
    at = touched.at.isoformat().replace("+00:00", "Z")
    what = "changed" if touched.work_order is None else "added"
    return Conflict(
        f"{who} {what} {label} after that. {advice}",
        code="touched_since",
        record={"entity": touched.entity, "id": touched.entity_id, "label": label},
        by={"id": touched.by_id, "name": touched.by_name} if touched.by_id else None,
        at=at,
    )


async def _label(ctx: Ctx, touched: Touched) -> str:
    """What a person calls the record that was touched: of a part, what it is a part of."""
    if touched.work_order is not None:
        what = "a visit" if touched.entity == "visit" else "an invoice"
        return f"{what} of {touched.work_order}"
    model = BOARD.get(touched.entity)
    row = await ctx.session.get(model, (ctx.org_id, touched.entity_id)) if model else None
    event_id = touched.entity_id if touched.entity == "event" else getattr(row, "event_id", None)
    if event_id is not None:
        event = await ctx.session.get(Event, (ctx.org_id, event_id))
        return f"“{event.title}”" if event else "the event"
    visit_id = touched.entity_id if touched.entity == "visit" else getattr(row, "visit_id", None)
    order = select(WorkOrder.number)
    if visit_id is not None:
        order = order.join(
            Visit, (Visit.org_id == WorkOrder.org_id) & (Visit.work_order_id == WorkOrder.id)
        ).where(Visit.id == visit_id)
        number = await ctx.session.scalar(order)
        return f"the visit of {number}" if number else "the visit"
    return "the same time" if touched.entity == "booking" else "the same record"


class _WayBack:
    """The rows of one command, locked, and what puts them back."""

    def __init__(self, ctx: Ctx, rows: Sequence[Row], *, again: bool, since: datetime) -> None:
        self.ctx = ctx
        self.since = since
        self.again = again
        self.rows: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            self.rows[row.entity].append(row)
        self.visits: list[Visit] = []
        self.events: list[Event] = []
        self.parts: dict[type[TenantModel], dict[UUID, Any]] = {}
        self.orders: dict[UUID, WorkOrder] = {}
        self.was_on: set[UUID] = set()
        """Technicians who were on it, and may be no longer: it is in their story, too."""
        self.sent: list[Mail] = []
        """What the command wrote to somebody, and has left the house."""

    @classmethod
    async def taken(
        cls, ctx: Ctx, rows: Sequence[Row], *, again: bool, since: datetime
    ) -> "_WayBack":
        """Lock everything: visits and events in the order of their ids, work orders that it made, then
        whom they occupy.

        Raises `NotFound` when this person does not see all of it.
        """
        self = cls(ctx, rows, again=again, since=since)
        for model in (*PARTS, Promise):
            self.parts[model] = await self._found(model)
        self.visits = await self._locked(
            Visit, "visit_id", joinedload(Visit.work_order).options(*WORK_ORDER)
        )
        self.events = await self._locked(Event, "event_id")
        for model in (*PARTS, Promise):  # as they are now that nobody else moves them
            self.parts[model] = await self._found(model, lock=True)
        self.orders = await self._work_orders()
        await bookings.lock(ctx, sorted(self._resources()))
        return self

    async def _found(self, model: type[TenantModel], *, lock: bool = False) -> dict[UUID, Any]:
        ids = [row.id for row in self.rows[_entity(model)]]
        if not ids:
            return {}
        asked = select(model).where(model.id.in_(ids)).order_by(model.id)
        if model in BY_THEMSELVES:  # who sees the visit sees its parts
            asked = self.ctx.select(model).where(model.id.in_(ids)).order_by(model.id)
        if lock:
            asked = asked.with_for_update(key_share=True)
        found = await self.ctx.session.scalars(asked.execution_options(populate_existing=True))
        return {one.id: one for one in found}

    async def _locked(self, model: Any, key: str, *options: Any) -> list[Any]:
        ids = {row.id for row in self.rows[_entity(model)]}
        for part in ({*PARTS} - {*BY_THEMSELVES}) | {Promise}:
            ids |= {getattr(one, key) for one in self.parts[part].values() if hasattr(one, key)}
            ids |= {
                UUID(row.before[key]) for row in self.rows[_entity(part)] if row.before.get(key)
            }
        ids -= {None}
        if not ids:
            return []
        found = await self.ctx.session.scalars(
            self.ctx.select(model, deleted=True)
            .where(model.id.in_(ids))
            .options(*options)
            .order_by(model.id)
            .with_for_update(key_share=True, of=model)
            .execution_options(populate_existing=True)
        )
        locked = list(found.unique())
        if len(locked) < len(ids):
            raise NotFound(NOT_SEEN)
        return locked

    async def _work_orders(self) -> dict[UUID, WorkOrder]:
        """Those that it made, locked: nobody puts anything into them while they go."""
        made = [row.id for row in self.rows["work_order"] if row.made or "deleted_at" in row.before]
        if not made:
            return {}
        found = await self.ctx.session.scalars(
            self.ctx.select(WorkOrder, deleted=True)
            .where(WorkOrder.id.in_(made))
            .options(*WORK_ORDER)
            .order_by(WorkOrder.id)
            .with_for_update(key_share=True, of=WorkOrder)
            .execution_options(populate_existing=True)
        )
        return {one.id: one for one in found}

    def _resources(self) -> set[UUID]:
        held = {one.resource_id for one in self.parts[Booking].values()}
        before = {row.before.get("resource_id") for row in self.rows["booking"]}
        return held | {UUID(one) for one in before if one}

    async def go(self) -> None:
        """Put the rows back. Raises what `undo` says."""
        were = {visit.id: (visit.status, visit.deleted_at) for visit in self.visits}
        async with crossing(self.ctx):
            await self._records()
            await self._parts()
            await refuse_taken(self.ctx, self.visits, self.parts[Booking], since=self.since)
        await self._refuse_what_may_not_be(were)
        await self._reread()
        await self._mails()
        await self._promises()
        await self._follow()

    async def _records(self) -> None:
        by_id: dict[UUID, Any] = {one.id: one for one in (*self.visits, *self.events)}
        linked = [row.id for row in self.rows["visit"] if "follows_id" in row.before]
        for id in linked:  # at most one part follows another, also on the way
            by_id[id].follows_id = None
        if linked:
            await self.ctx.session.flush()
        for row in (*self.rows["visit"], *self.rows["event"]):
            record = by_id[row.id]
            if row.made:
                record.deleted_at = clock.now()
                continue
            for name, value in read(type(record), row.before).items():
                setattr(record, name, value)
        for visit in self.visits:
            visit.moved_at = clock.now()  # so that it is a new version, whatever was changed
        for event in self.events:
            event.touch()
        for row in self.rows["work_order"]:
            order = self.orders.get(row.id)
            if order is not None and row.made:
                order.deleted_at = clock.now()
            elif order is not None and "deleted_at" in row.before:
                order.deleted_at = read(WorkOrder, row.before)["deleted_at"]
        await self.ctx.session.flush()

    async def _parts(self) -> None:
        """First what goes, then what changes, then what comes: each may stand in the other's place."""
        session = self.ctx.session
        for model in PARTS:
            for row in self.rows[_entity(model)]:
                if row.is_there and row.id not in self.parts[model]:
                    raise NotFound(NOT_SEEN)
                if row.made:
                    await self._remove(model, self.parts[model].pop(row.id))
        await session.flush()
        for model in PARTS:
            for row in self.rows[_entity(model)]:
                if row.changed:
                    for name, value in read(model, row.before).items():
                        setattr(self.parts[model][row.id], name, value)
        for hold in self.parts[Hold].values():
            if hold.status == HoldStatus.open and hold.expires_at <= clock.now():
                hold.status = HoldStatus.expired
        await session.flush()
        for model in PARTS:
            await self._bring_back(model, [row for row in self.rows[_entity(model)] if row.removed])
        await session.flush()

    async def _bring_back(self, model: type[TenantModel], gone: Sequence[Row]) -> None:
        if not gone:
            return
        made_at = await commands_journal.made_at(self.ctx, [row.id for row in gone])
        later = await self._later(model, gone)
        for row in gone:
            at = later.get(row.id) or made_at.get(row.id)
            back = model(id=row.id, **({"created_at": at} if at else {}), **read(model, row.before))
            expires_at = getattr(back, "expires_at", None)
            if expires_at is not None and expires_at <= clock.now():
                continue  # a hold that would have ended meanwhile
            self.ctx.session.add(back)
            self.parts[model][row.id] = back

    async def _later(self, model: type[TenantModel], gone: Sequence[Row]) -> dict[UUID, datetime]:
        """When what is listed after these was made: with the same moment, and the lower id, each takes
        its old place again. The journal dates a row a little later than the row itself."""
        key = LISTED.get(model)
        if key is None:
            return {}
        of = {row.id: UUID(row.before[key.key]) for row in gone}
        there = await self.ctx.session.execute(
            select(key, model.id, model.created_at)
            .where(key.in_(set(of.values())))
            .order_by(model.created_at, model.id)
        )
        found: dict[UUID, datetime] = {}
        for parent, id, at in there:
            for one, its in of.items():
                if its == parent and id > one:
                    found.setdefault(one, at)
        return found

    async def _remove(self, model: type[TenantModel], present: Any) -> None:
        if model is Assignment:  # whoever was on it may still have it on a screen
            present.status, present.is_lead = AssignmentStatus.removed, False
            self.was_on.add(present.technician_id)
        elif model is Hold:
            present.status = HoldStatus.released
        else:
            await self.ctx.session.delete(present)

    async def _refuse_what_may_not_be(self, were: Mapping[UUID, tuple[str, Any]]) -> None:
        """What planning refuses is refused here, too, where it has come about since."""
        open_ones = [one for one in self.visits if one.is_open and one.deleted_at is None]
        orders = {one.work_order_id: one.work_order for one in open_ones}
        for id in sorted(orders):
            refuse_ended(await locked(self.ctx, orders[id]))
        ahead = []
        for visit in open_ones:
            occupied = were[visit.id][0] in OCCUPYING and were[visit.id][1] is None
            if visit.status in OCCUPYING and not occupied:
                gating.let_pass(self.ctx, gating.of_customer(visit.work_order.customer), None)
            if visit.status in OCCUPYING and not visit.has_begun:
                ahead.append(visit.id)
        if not ahead:
            return
        on_it = await self.ctx.session.scalars(
            select(Assignment.technician_id)
            .where(
                Assignment.visit_id.in_(ahead),
                Assignment.status.in_((AssignmentStatus.offered, AssignmentStatus.accepted)),
            )
            .distinct()
        )
        await crew.technicians(self.ctx, sorted(on_it))

    async def _reread(self) -> None:
        """The visits whole and the events with who takes part, as they are now."""
        visits = await self.ctx.session.scalars(
            select(Visit)
            .where(Visit.id.in_([one.id for one in self.visits]))
            .options(*WHOLE)
            .order_by(Visit.id)
            .execution_options(populate_existing=True)
        )
        self.visits = list(visits.unique())
        events = await self.ctx.session.scalars(
            select(Event)
            .where(Event.id.in_([one.id for one in self.events]))
            .options(selectinload(Event.participants))
            .order_by(Event.id)
            .execution_options(populate_existing=True)
        )
        self.events = list(events)

    async def _mails(self) -> None:
        """Keep back what still waits; what has left is said."""
        made = [row.id for row in self.rows["mail"] if row.made]
        if not made:
            return
        found = await self.ctx.session.scalars(
            select(Mail).where(Mail.id.in_(made)).order_by(Mail.id).with_for_update()
        )
        for mail in found:
            if mail.status == MailStatus.queued:
                mail.status, mail.message, mail.failure = MailStatus.refused, None, KEPT_BACK
            elif mail.failure != KEPT_BACK:
                self.sent.append(mail)
        await self.ctx.session.flush()

    async def _promises(self) -> None:
        """Close what this command promised, and write anew what had stood before it."""
        ledger = self.parts[Promise]
        by_visit = {one.id: one for one in self.visits}
        undone: dict[UUID, Promise] = {}
        stood: dict[UUID, Promise] = {}
        for row in self.rows["promise"]:
            promise = ledger[row.id]
            if row.made and promise.closed_at is None:
                undone[promise.visit_id] = promise
                promise.closed_at = clock.now()
            elif row.changed and row.before.get("closed_at", "") is None:
                stood[promise.visit_id] = promise
        await self.ctx.session.flush()
        written_to = {mail.about_id for mail in self.sent}
        for visit_id, promise in stood.items():
            if by_visit[visit_id].deleted_at is not None:
                continue
            heard_other = visit_id in written_to or (
                visit_id in undone and await self._was_told(undone[visit_id])
            )
            still = not heard_other and await self._was_told(promise)
            await self._stand(
                by_visit[visit_id],
                (promise.window_start, promise.window_end),
                ToldVia(promise.told_via) if still else ToldVia.not_yet,
                promise.told_to if still else None,
                told_by_id=promise.told_by_id if still else None,
                reason="The change was redone." if self.again else "The change was undone.",
            )

    async def _stand(
        self,
        visit: Visit,
        window: tuple[datetime, datetime],
        told_via: ToldVia,
        told_to: str | None,
        *,
        told_by_id: UUID | None,
        reason: str,
    ) -> None:
        await promises.write(self.ctx, visit, window, told_via, told_to, reason=reason)
        written = await self.ctx.session.scalars(
            select(Promise).where(Promise.visit_id == visit.id, Promise.closed_at.is_(None))
        )
        written.one().told_by_id = told_by_id  # who undoes it tells nobody

    async def _was_told(self, promise: Promise) -> bool:
        """Whether the customer heard of it: a mail that was kept back told them nothing."""
        if promise.told_via != ToldVia.email:
            return promise.told_via != ToldVia.not_yet
        failure = await self.ctx.session.scalar(
            select(Mail.failure)
            .where(Mail.about_id == promise.visit_id, Mail.to_address == promise.told_to)
            .order_by(Mail.created_at.desc(), Mail.id.desc())
            .limit(1)
        )
        return failure != KEPT_BACK

    async def _follow(self) -> None:
        """The work orders follow, and are as they were where nothing else decides it."""
        orders = {one.work_order_id: one.work_order for one in self.visits}
        before = {row.id: row.before for row in self.rows["work_order"] if row.changed}
        for id in sorted(orders):
            order = orders[id]
            await follow(self.ctx, order)
            was = read(WorkOrder, before.get(id, {}))
            if was.get("status") == order.status:
                for name in ("status_reason", "completed_at"):
                    if name in was:
                        setattr(order, name, was[name])
        await self.ctx.session.flush()


def _spoken(at: datetime, visit: Visit) -> str:
    return wall.spoken_at(at, visit.work_order.site.time_zone)


def _entity(model: type[TenantModel]) -> str:
    return next(entity for entity, one in BOARD.items() if one is model)


async def _say(ctx: Ctx, way_back: _WayBack, entries: Sequence[Entry]) -> None:
    """One fact in the story of each record: what of it is undone."""
    said: dict[UUID, str] = {}
    for entry in entries:
        if entry.is_fact and entry.entity in TOLD_OF:
            data = dict(entry.changes)
            steps = {fact.value for both in TOLD_OF.values() for fact in both}
            what = data["what"] if entry.action in steps else sentence(entry.action, data)
            said.setdefault(entry.entity_id, what)
    told = []
    for visit in way_back.visits:
        on_it = [one.technician for one in visit.assignments if one.stands]
        about = (
            visit.work_order_id,
            visit.work_order.customer_id,
            visit.work_order.site_id,
            *(one.id for one in on_it),
            *way_back.was_on,
            *(one.call_back_of_id for one in way_back.orders.values()),
        )
        told.append(
            Told(
                TOLD_OF["visit"][way_back.again],
                visit,
                about,
                data={
                    "work_order": visit.work_order.number,
                    "technicians": names(on_it),
                    "what": said.get(visit.id, "The visit was changed."),
                },
            )
        )
    told += [
        Told(
            TOLD_OF["event"][way_back.again],
            event,
            tuple(one.resource_id for one in event.participants),
            data={"name": event.title, "what": said.get(event.id, "The event was changed.")},
        )
        for event in way_back.events
    ]
    told += [
        Told(
            TOLD_OF[row.entity][way_back.again],
            there,
            (getattr(there, "lead_id", None), getattr(there, "technician_id", None)),
            data={"what": said.get(row.id, "It was changed.")},
        )
        for model in BY_THEMSELVES
        for row in way_back.rows[_entity(model)]
        if (there := way_back.parts[model].get(row.id)) is not None
    ]
    await emit_all(ctx, told)


def _left(way_back: _WayBack) -> list[Left]:
    """What has left the house."""
    given = {
        row.id: row.after["dispatched_at"]
        for row in way_back.rows["assignment"]
        if row.after.get("dispatched_at")
    }
    left = [
        Left(
            "dispatch",
            f"{one.technician.name} had {visit.work_order.number} since"
            f" {_spoken(datetime.fromisoformat(given[one.id]), visit)} and may have seen it.",
        )
        for visit in way_back.visits
        for one in visit.assignments
        if one.id in given
    ]
    left += [
        Left("mail", f"“{mail.subject}” was sent to {mail.to_address} already. Call them.")
        for mail in way_back.sent
    ]
    return left
