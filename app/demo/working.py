"""Telling a job: each step as the product's own verbs would have written it, row and fact.

`tests/test_demo.py` compares the facts told here with those of a job that went through the verbs.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from app.core import wall
from app.demo.chronicle import Act, Chronicle
from app.demo.furnishing import KNOWN
from app.demo.jobs import MINUTE, End, Job, Trip
from app.demo.office import Office
from app.models.assignments import Assignment, AssignmentStatus
from app.models.bookings import Booking, BookingKind
from app.models.checklist_items import ChecklistItem
from app.models.equipment import WorkOrderEquipment
from app.models.moves import Move
from app.models.notes import Note, NoteOn
from app.models.promises import Promise, ToldVia
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import Priority, WorkOrder, WorkOrderStatus
from app.services.facts import Fact
from app.services.visits.promises import VIA
from app.services.work_orders.following import FACTS, derive

S, V = WorkOrderStatus, VisitStatus

ENDED = {
    End.completed: ("complete", Fact.visit_completed),
    End.incomplete: ("incomplete", Fact.visit_incomplete),
    End.no_access: ("no-access", Fact.visit_no_access),
}


class Work:
    """One job on its way through the tables."""

    def __init__(self, told: Chronicle, random: Random, office: Office, job: Job):
        self.told = told
        self.random = random
        self.office = office
        self.job = job
        self.status = S.ready
        self.visits: list[_Visiting] = []

    def tell(self) -> UUID:
        """From the call to the end of the work. The work order's id."""
        job = self.job
        self._open()
        for trip in job.trips:
            visiting = _Visiting(self, trip)
            self.visits.append(visiting)
            visiting.tell()
        if job.canceled is not None:
            self._cancel(job.canceled)
        if job.held is not None:
            self._decide(job.held, "hold", Fact.work_order_held, reason=job.reason)
        if job.approved is not None:
            self._decide(job.approved, "approve", Fact.work_order_approved, self.office.accountant)
        if job.closed is not None:
            self._decide(job.closed, "close", Fact.work_order_closed, self.office.accountant)
        return self.id

    def _open(self) -> None:
        job = self.job
        act = self.told.act(job.called, self.office.dispatcher)
        self.id = self.told.add(
            act,
            WorkOrder,
            number=job.number,
            status=S.ready,
            priority=Priority.emergency if job.kind.key == "emergency" else Priority.normal,
            customer_id=job.client.id,
            site_id=job.place.id,
            job_type_id=self.office.job_types[job.kind.key],
            summary=job.summary,
            customer_reference=job.purchase_order,
            source="phone",
        )
        if job.place.tank is not None and job.kind.key in KNOWN:
            self.told.add(
                act, WorkOrderEquipment, work_order_id=self.id, equipment_id=job.place.tank
            )
        self.steps = [
            self.told.add(act, ChecklistItem, work_order_id=self.id, position=place, title=title)
            for place, title in enumerate(job.kind.steps)
        ]
        self._say(
            act,
            Fact.work_order_created,
            customer=job.client.row["name"],
            address=job.place.site.address,
        )

    def _decide(
        self,
        at: datetime,
        verb: str,
        fact: Fact,
        by: UUID | None = None,
        *,
        reason: str | None = None,
    ) -> Act:
        """A person moves the work order by a verb."""
        act = self.told.act(at, by or self.office.dispatcher)
        self.status = S(_target(WorkOrder.MOVES, verb, self.status))
        self.told.change(
            act, WorkOrder, self.id, status=self.status, status_reason=reason, decided_at=at
        )
        self._say(act, fact, reason=reason, because="")
        return act

    def follow(self, act: Act) -> None:
        """The work order follows its visits."""
        status = derive([one.status for one in self.visits], gate_holds=True)
        if status is self.status:
            return
        self.status = status
        done = act.at if status is S.completed else None
        self.told.change(act, WorkOrder, self.id, status=status, completed_at=done)
        self._say(act, FACTS[status], because="")

    def _say(self, act: Act, fact: Fact, **data: Any) -> None:
        """A fact about the work order."""
        job = self.job
        self.told.say(
            act, fact, WorkOrder, self.id, job.client.id, job.place.id, name=job.number, **data
        )

    def _cancel(self, at: datetime) -> None:
        act = self._decide(at, "cancel", Fact.work_order_canceled, reason=self.job.reason)
        for visiting in self.visits:
            visiting.cancel(act)

    def do_steps(self, trip: Trip, by: UUID) -> None:
        """Tick off the checklist while the work goes on, and write down what was found."""
        assert trip.started is not None
        assert trip.finished is not None
        piece = (trip.finished - trip.started) / (len(self.steps) + 1)
        for place, (id, title) in enumerate(zip(self.steps, self.job.kind.steps, strict=True), 1):
            at = (trip.started + piece * place).replace(microsecond=0)
            act = self.told.act(at, by)
            self.told.change(act, ChecklistItem, id, done_at=at, done_by_id=by)
            self.told.say(act, Fact.checklist_item_done, ChecklistItem, id, self.id, title=title)
        if self.job.note is not None:
            act = self.told.act(trip.finished - 20 * MINUTE / 60, by)
            note = self.told.add(
                act,
                Note,
                entity=NoteOn.work_order,
                entity_id=self.id,
                body=self.job.note,
                author_id=by,
            )
            self.told.say(act, Fact.note_added, Note, note, self.id, excerpt=self.job.note)


class _Visiting:
    """One visit of a job."""

    def __init__(self, work: Work, trip: Trip):
        self.work = work
        self.told = work.told
        self.trip = trip
        self.zone: str = work.job.place.row["time_zone"]
        self.status = V.unscheduled
        self.crew: tuple[UUID, ...] = ()
        self.names = "nobody"
        self.booking: UUID | None = None
        member = trip.hand.member_id if trip.hand else None
        self.field = member or work.office.dispatcher
        """Who taps: the technician, or the dispatcher for those who do not sign in."""

    def tell(self) -> None:
        """All that happens to it, in order."""
        self._arrange()
        trip = self.trip
        if trip.start is None or trip.booked is None or trip.hand is None:
            return
        self._book(trip.booked, trip.start)
        if trip.dispatched is None:
            return
        self._dispatch(trip.dispatched)
        if trip.set_off is None:
            return
        self._move(trip.set_off, "en-route", Fact.visit_en_route, travel_started_at=trip.set_off)
        self._move(trip.arrived, "arrive", Fact.visit_arrived, arrived_at=trip.arrived)
        if trip.started is not None:
            self._move(trip.started, "start", Fact.visit_started, started_at=trip.started)
        if trip.finished is not None:
            self._end(trip.finished)

    def _arrange(self) -> None:
        trip, office = self.trip, self.work.office
        act = self.told.act(trip.arranged, office.dispatcher)
        opens, closes = trip.window
        via = self.work.random.choice((ToldVia.phone, ToldVia.phone, ToldVia.phone, ToldVia.sms))
        name = self.work.job.client.row["name"]
        self.id = self.told.add(
            act,
            Visit,
            work_order_id=self.work.id,
            status=V.unscheduled,
            duration_minutes=trip.minutes,
            promised_start=opens,
            promised_end=closes,
        )
        self._say(act, Fact.visit_created, minutes=trip.minutes, although="", overruled=[])
        self.promise = self.told.add(
            act,
            Promise,
            visit_id=self.id,
            window_start=opens,
            window_end=closes,
            wall_start=wall.written(opens, self.zone),
            wall_end=wall.written(closes, self.zone),
            time_zone=self.zone,
            told_via=via,
            told_to=name,
            told_by_id=office.dispatcher,
        )
        self._say(
            act,
            Fact.visit_promised,
            window=wall.spoken(opens, closes, self.zone),
            window_start=opens,
            window_end=closes,
            time_zone=self.zone,
            told=f"{VIA[via]}, {name}",
            told_via=via.value,
            because="",
            although="",
            overruled=[],
        )

    def _book(self, at: datetime, start: datetime) -> None:
        trip = self.trip
        assert trip.hand is not None
        end = start + timedelta(minutes=trip.minutes)
        self.crew, self.names = (trip.hand.id,), trip.hand.name
        act = self._move(
            at,
            "schedule",
            Fact.visit_scheduled,
            target=V.scheduled,
            by=self.work.office.dispatcher,
            said={
                "planned": wall.spoken(start, end, self.zone),
                "minutes": trip.minutes,
                "although": "",
                "overruled": [],
            },
            planned_start=start,
            planned_end=end,
            planned_wall=wall.written(start, self.zone),
            planned_zone=self.zone,
        )
        self.booking = self.told.add(
            act,
            Booking,
            resource_id=trip.hand.id,
            during=Range(start, end, bounds="[)"),
            kind=BookingKind.visit,
            visit_id=self.id,
        )
        self.assignment = self.told.add(
            act,
            Assignment,
            visit_id=self.id,
            technician_id=trip.hand.id,
            status=AssignmentStatus.offered,
            is_lead=True,
        )

    def _dispatch(self, at: datetime) -> None:
        trip, office = self.trip, self.work.office
        act = self._move(at, "dispatch", Fact.visit_dispatched, by=office.dispatcher)
        self.told.change(act, Assignment, self.assignment, dispatched_at=at)
        if trip.hand is None or trip.hand.member_id is None:
            return
        answered = self.told.act(at + 90 * MINUTE / 60, self.field)
        self.told.change(answered, Assignment, self.assignment, status=AssignmentStatus.accepted)
        self.told.change(answered, Visit, self.id, moved_at=answered.at)
        self._say(answered, Fact.visit_accepted, technician=self.names)

    def _end(self, at: datetime) -> None:
        trip = self.trip
        assert trip.start is not None
        verb, fact = ENDED[trip.end]
        if trip.end is End.completed:
            self.work.do_steps(trip, self.field)
        act = self.told.act(at, self.field)
        end = trip.start + timedelta(minutes=trip.minutes)
        assert self.booking is not None
        if at <= trip.start:
            self.told.remove(act, Booking, self.booking)
        elif at < end:
            self.told.change(act, Booking, self.booking, during=Range(trip.start, at, bounds="[)"))
        self.told.change(act, Assignment, self.assignment, status=AssignmentStatus.done)
        self._move(at, verb, fact, act=act, reason=trip.reason, finished_at=at)

    def cancel(self, act: Act) -> None:
        """Together with its work order, before anybody set off."""
        reason = self.work.job.reason
        if self.booking is not None:
            self.told.remove(act, Booking, self.booking)
        self.told.change(act, Promise, self.promise, closed_at=act.at)
        self.status = V(_target(Visit.MOVES, "cancel", self.status))
        self.told.change(act, Visit, self.id, status=self.status, status_reason=reason)
        self._say(act, Fact.visit_canceled, reason=reason)

    def _move(
        self,
        at: datetime | None,
        verb: str,
        fact: Fact,
        *,
        target: VisitStatus | None = None,
        act: Act | None = None,
        by: UUID | None = None,
        reason: str | None = None,
        said: dict[str, Any] | None = None,
        **columns: Any,
    ) -> Act:
        assert at is not None
        act = act or self.told.act(at, by or self.field)
        self.status = V(target or _target(Visit.MOVES, verb, self.status))
        self.told.change(
            act, Visit, self.id, status=self.status, status_reason=reason, moved_at=at, **columns
        )
        because = f": {reason}" if reason else ""
        self._say(act, fact, reason=reason, because=because, **(said or {}))
        self.work.follow(act)
        return act

    def _say(self, act: Act, fact: Fact, **data: Any) -> None:
        job = self.work.job
        self.told.say(
            act,
            fact,
            Visit,
            self.id,
            self.work.id,
            job.client.id,
            job.place.id,
            *self.crew,
            work_order=job.number,
            technicians=self.names,
            **data,
        )


def _target(table: Mapping[str, Move], verb: str, status: str) -> str:
    """Where a verb leads, as the record's own table has it."""
    move = table[verb]
    assert status in move.sources, f"{verb} is not legal for {status}"
    assert move.target is not None, verb
    return move.target
