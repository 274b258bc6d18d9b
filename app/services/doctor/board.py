"""What stands on the board and cannot be kept: people and vehicles that are gone, closed doors,
promises that nobody is to keep."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.core import wall, zones
from app.core.wall import spoken_date
from app.models.assignments import GONE, Assignment
from app.models.customers import Customer
from app.models.events import Event, EventParticipant
from app.models.job_types import JobType
from app.models.permissions import Permission as P
from app.models.sites import Site
from app.models.skills import JobTypeSkill, Skill, TechnicianSkill
from app.models.technicians import Technician
from app.models.time_off import TimeOff, TimeOffStatus
from app.models.vehicles import Vehicle
from app.models.visit_vehicles import VisitVehicle
from app.models.visits import Visit, VisitStatus
from app.models.work_orders import WorkOrder, WorkOrderStatus
from app.scheduling.values import Calendar, WorkDay
from app.scheduling.worktime import Span, days_of, instants_of, minus
from app.services import working_time
from app.services.doctor.findings import (
    Asked,
    Finding,
    Fix,
    Found,
    Look,
    Named,
    Request,
    Severity,
    detector,
    hours_and_minutes,
    spoken,
    version,
    zone_or_utc,
)
from app.services.visits import access, warnings

S = VisitStatus
PLANNED = (S.tentative, S.scheduled, S.dispatched)
"""On the board, and not begun."""
TO_COME = (S.unscheduled, *PLANNED)
AHEAD = timedelta(days=14)
"""How far ahead plans are held against everybody's working time."""
DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


def _visits(*more: Any) -> Asked:
    """Visits with their work order and site."""
    return (
        select(
            Visit.id,
            Visit.version,
            Visit.work_order_id,
            Visit.status,
            Visit.planned_start,
            Visit.planned_end,
            Visit.promised_start,
            Visit.promised_end,
            WorkOrder.number,
            Site.time_zone,
            *more,
        )
        .join(WorkOrder, (WorkOrder.org_id == Visit.org_id) & (WorkOrder.id == Visit.work_order_id))
        .join(Site, (Site.org_id == WorkOrder.org_id) & (Site.id == WorkOrder.site_id))
        .where(Visit.deleted_at.is_(None))
        .order_by(Visit.planned_start, Visit.id)
    )


def _planned(look: Look, *more: Any) -> Asked:
    """Those that are planned and to come."""
    return _visits(*more).where(Visit.status.in_(PLANNED), Visit.planned_start >= look.now)


def _with_people(visits: Asked) -> Asked:
    """Each with everybody who stands on it."""
    return visits.join(
        Assignment,
        (Assignment.org_id == Visit.org_id)
        & (Assignment.visit_id == Visit.id)
        & Assignment.status.not_in(GONE),
    ).join(
        Technician,
        (Technician.org_id == Assignment.org_id) & (Technician.id == Assignment.technician_id),
    )


PERSON = (Technician.id.label("technician_id"), Technician.name.label("technician"))


def _when(row: Any) -> str:
    """“WO-12 on Mon 23 Nov, 08:00–10:00”, the plan's time, or else the promise's."""
    start, end = row.planned_start, row.planned_end
    if start is None:
        start, end = row.promised_start, row.promised_end
    return f"{row.number} on {spoken(start, end, row.time_zone)}"


def _visit(look: Look, row: Any) -> Named:
    starts = row.planned_start or row.promised_start
    day = look.day(starts) if starts is not None else None
    name = row.number if day is None else _when(row)
    return Named("visit", row.id, name, day, row.work_order_id)


def _person(row: Any) -> Named:
    return Named("technician", row.technician_id, row.technician)


def _back_to_the_tray(row: Any) -> Request | None:
    """Takes it off the board, where that is one step."""
    if row.status == S.dispatched:
        return None
    return Request(
        "POST",
        f"/api/v2/visits/{row.id}/unschedule",
        P.dispatch_write,
        {},
        version(row.version),
    )


@detector(
    Severity.error,
    "Somebody who is not active any more is on a visit to come.",
    P.visits_read,
    P.technicians_read,
)
async def visit_technician_gone(look: Look) -> Found:
    """Visits that nobody will drive to."""
    return await look.each(
        _with_people(_planned(look, *PERSON)).where(
            ~Technician.active | Technician.deleted_at.is_not(None)
        ),
        lambda row: Finding(
            f"{row.technician} is not active any more, and is on {_when(row)}.",
            (_visit(look, row), _person(row)),
            Fix(
                "Put somebody else on it, or take it off the board until somebody is found.",
                _back_to_the_tray(row),
            ),
        ),
    )


@detector(
    Severity.error,
    "A vehicle that is out of service is on a visit to come.",
    P.visits_read,
    P.technicians_read,
)
async def visit_vehicle_gone(look: Look) -> Found:
    """Visits that are planned with a truck that will not come."""
    return await look.each(
        _planned(look, Vehicle.id.label("vehicle_id"), Vehicle.name.label("vehicle"))
        .join(
            VisitVehicle,
            (VisitVehicle.org_id == Visit.org_id) & (VisitVehicle.visit_id == Visit.id),
        )
        .join(
            Vehicle,
            (Vehicle.org_id == VisitVehicle.org_id) & (Vehicle.id == VisitVehicle.vehicle_id),
        )
        .where(~Vehicle.active | Vehicle.deleted_at.is_not(None)),
        lambda row: Finding(
            f"“{row.vehicle}” is out of service, and is on {_when(row)}.",
            (_visit(look, row), Named("vehicle", row.vehicle_id, row.vehicle)),
            Fix("Plan it with another vehicle, or take it off the board.", _back_to_the_tray(row)),
        ),
    )


@detector(
    Severity.error,
    "A visit is planned over approved time off.",
    P.visits_read,
    P.technicians_read,
    P.time_off_read,
)
async def visit_over_time_off(look: Look) -> Found:
    """Visits of people who will be away."""
    return await look.each(
        _with_people(_planned(look, *PERSON, TimeOff.id.label("time_off_id"))).join(
            TimeOff,
            and_(
                TimeOff.org_id == Assignment.org_id,
                TimeOff.technician_id == Assignment.technician_id,
                TimeOff.status == TimeOffStatus.approved,
                TimeOff.starts_at < Visit.planned_end,
                TimeOff.ends_at > Visit.planned_start,
            ),
        ),
        lambda row: Finding(
            f"{row.technician} has time off, and is on {_when(row)}.",
            (_visit(look, row), _person(row)),
            Fix("Put somebody else on it, or take it off the board.", _back_to_the_tray(row)),
        ),
    )


@detector(
    Severity.warning,
    "A visit of the next 14 days is planned outside somebody's working hours.",
    P.visits_read,
    P.technicians_read,
)
async def visit_outside_hours(look: Look) -> Found:
    """Plans that nobody's shift covers, with overtime counted in."""
    rows = await look.rows(
        _with_people(_planned(look, Technician)).where(Visit.planned_start < look.now + AHEAD)
    )
    weighed = [row for row in rows if row.Technician.time_zone in zones.names()]
    people = {row.Technician.id: row.Technician for row in weighed}
    if not people:
        return Found()
    first = look.now.date() - DAY
    last = max(row.planned_end for row in weighed).date() + DAY
    calendars = await working_time.calendars(look.ctx, list(people.values()), first, last)
    outside = await asyncio.to_thread(_outside, weighed, calendars, first, last)
    return look.some(
        (
            Finding(
                f"{row.number}: {detail}",
                (_visit(look, row), Named("technician", row.Technician.id, row.Technician.name)),
                Fix(
                    "Move it into the shift, put somebody else on it, or change the shift.",
                    _back_to_the_tray(row),
                ),
            )
            for row, detail in outside
        ),
        of=rows,
    )


def _outside(
    rows: Sequence[Any], calendars: Mapping[UUID, Calendar], first: date, last: date
) -> list[tuple[Any, str]]:
    """Plans that somebody's hours do not cover, and in words which part of them."""
    covered = {
        id: [*_covered(days_of(calendar, first, last)), *_away(calendar)]
        for id, calendar in calendars.items()
    }
    return [
        (row, said.detail)
        for row in rows
        if minus(
            [(int(row.planned_start.timestamp()), int(row.planned_end.timestamp()))],
            covered[row.Technician.id],
        )
        for said in warnings.of_hours(
            row.Technician, calendars[row.Technician.id], row.planned_start, row.planned_end
        )
        if said.code == "outside_shift"
    ]


def _covered(days: Sequence[WorkDay]) -> Iterator[Span]:
    """When somebody works, with overtime; and the days of which nothing is known."""
    for day in days:
        yield from ((one.start, one.end) for one in day.pieces if one.kind in warnings.AT_WORK)
        yield from ((one.start, one.end) for one in day.overtime)
        if not (day.planned or day.pieces):
            yield day.start, day.end


def _away(calendar: Calendar) -> Iterator[Span]:
    """Time off, which `visit_over_time_off` tells of."""
    for one in calendar.absences:
        yield instants_of(calendar.zone, one.first, one.last, one.start, one.end)


def _skilled(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Somebody on the visit has the skill at its level."""
    return exists(
        select(Assignment.id)
        .join(
            TechnicianSkill,
            (TechnicianSkill.org_id == Assignment.org_id)
            & (TechnicianSkill.technician_id == Assignment.technician_id),
        )
        .where(
            Assignment.org_id == Visit.org_id,
            Assignment.visit_id == Visit.id,
            Assignment.status.not_in(GONE),
            TechnicianSkill.skill_id == JobTypeSkill.skill_id,
            TechnicianSkill.level >= JobTypeSkill.level,
            *more,
        )
        .correlate(Visit, JobTypeSkill)
    )


def _needing(look: Look) -> Asked:
    """Visits to come with each skill their work needs, where somebody is on them."""
    on_it = exists(
        select(Assignment.id)
        .where(
            Assignment.org_id == Visit.org_id,
            Assignment.visit_id == Visit.id,
            Assignment.status.not_in(GONE),
        )
        .correlate(Visit)
    )
    return (
        _planned(
            look,
            Skill.id.label("skill_id"),
            Skill.name.label("skill"),
            JobTypeSkill.level,
            JobTypeSkill.org_id,
        )
        .join(
            JobTypeSkill,
            (JobTypeSkill.org_id == WorkOrder.org_id)
            & (JobTypeSkill.job_type_id == WorkOrder.job_type_id),
        )
        .join(Skill, (Skill.org_id == JobTypeSkill.org_id) & (Skill.id == JobTypeSkill.skill_id))
        .where(on_it)
    )


@detector(
    Severity.error,
    "Nobody on a visit to come has a skill that its job type needs.",
    P.visits_read,
    P.technicians_read,
    P.job_types_read,
)
async def visit_lacks_skill(look: Look) -> Found:
    """Visits that people go to who cannot do the work."""
    return await look.each(
        _needing(look).where(~_skilled()),
        lambda row: Finding(
            f"Nobody on {_when(row)} has “{row.skill}” (level {row.level}).",
            (_visit(look, row), Named("skill", row.skill_id, row.skill)),
            Fix("Put somebody on it who has it, or take it off the board.", _back_to_the_tray(row)),
        ),
    )


@detector(
    Severity.error,
    "A certificate ends before a visit to come that needs it.",
    P.visits_read,
    P.technicians_read,
    P.job_types_read,
)
async def certificate_ends_before_visit(look: Look) -> Found:
    """Visits whose people may not do the work any more on that day."""
    until = (
        select(func.max(TechnicianSkill.expires_on))
        .select_from(Assignment)
        .join(
            TechnicianSkill,
            (TechnicianSkill.org_id == Assignment.org_id)
            & (TechnicianSkill.technician_id == Assignment.technician_id),
        )
        .where(
            Assignment.org_id == Visit.org_id,
            Assignment.visit_id == Visit.id,
            Assignment.status.not_in(GONE),
            TechnicianSkill.skill_id == JobTypeSkill.skill_id,
            TechnicianSkill.level >= JobTypeSkill.level,
        )
        .correlate(Visit, JobTypeSkill)
        .scalar_subquery()
    )
    for_ever = _skilled(TechnicianSkill.expires_on.is_(None))
    # the day is the site's, so a day more or less is looked at, and weighed here
    rows = await look.rows(
        _needing(look)
        .add_columns(until.label("until"))
        .where(_skilled(), ~for_ever, until < func.date(Visit.planned_end) + 1)
    )
    return look.some(
        (
            Finding(
                f"“{row.skill}” of whoever is on {_when(row)} ends on {spoken_date(row.until)}.",
                (_visit(look, row), Named("skill", row.skill_id, row.skill)),
                Fix("Renew the certificate, or put somebody on it whose is valid on that day."),
            )
            for row in rows
            if row.until < wall.day(row.planned_end - MOMENT, zone_or_utc(row.time_zone))
        ),
        of=rows,
    )


def _gated(statement: Asked) -> Asked:
    return statement.add_columns(Site).where(func.jsonb_array_length(Site.access_hours) > 0)


@detector(
    Severity.warning,
    "A visit is planned for hours in which its site cannot be entered.",
    P.visits_read,
    P.sites_read,
)
async def visit_outside_access(look: Look) -> Found:
    """Plans that end before a closed gate."""
    rows = await look.rows(_gated(_planned(look)))
    return look.some(
        (
            Finding(
                f"{_when(row)} is outside the hours of the site: {closed}.",
                (_visit(look, row), Named("site", row.Site.id, row.Site.address)),
                Fix("Move it into the hours of the site, or correct them.", _back_to_the_tray(row)),
            )
            for row in rows
            if row.Site.time_zone in zones.names()
            and (closed := access.closed_for(row.Site, row.planned_start, row.planned_end))
        ),
        of=rows,
    )


@detector(
    Severity.error,
    "A window was promised in which the site cannot be entered for as long as the work takes.",
    P.visits_read,
    P.sites_read,
)
async def promise_outside_access(look: Look) -> Found:
    """Promises that cannot be kept, whoever comes."""
    rows = await look.rows(
        _gated(_visits(Visit.duration_minutes)).where(
            Visit.status.in_(TO_COME), Visit.promised_end >= look.now
        )
    )
    return look.some(
        (
            Finding(
                f"{row.number} is promised for"
                f" {spoken(row.promised_start, row.promised_end, row.time_zone)}, and the site is"
                f" open {access.in_words(row.Site)}.",
                (_visit(look, row), Named("site", row.Site.id, row.Site.address)),
                Fix("Promise another window, or correct the hours of the site."),
            )
            for row in rows
            if row.Site.time_zone in zones.names()
            and not access.room_for(
                row.Site,
                row.promised_start,
                row.promised_end,
                timedelta(minutes=row.duration_minutes),
            )
        ),
        of=rows,
    )


@detector(
    Severity.warning,
    "The work takes longer than its site is ever open.",
    P.visits_read,
    P.sites_read,
    P.job_types_read,
)
async def access_hours_too_short(look: Look) -> Found:
    """Visits for which no hour of the week is long enough."""
    rows = await look.rows(
        _gated(_visits(Visit.duration_minutes, JobType.name.label("job_type")))
        .join(JobType, (JobType.org_id == WorkOrder.org_id) & (JobType.id == WorkOrder.job_type_id))
        .where(Visit.status.in_(TO_COME))
    )
    return look.some(
        (
            Finding(
                f"{row.job_type} of {row.number} takes"
                f" {hours_and_minutes(row.duration_minutes)}, and the site is open"
                f" {access.in_words(row.Site)}.",
                (
                    _visit(look, row),
                    Named("site", row.Site.id, row.Site.address),
                ),
                Fix("Ask for longer hours at the site, or split the work over several visits."),
            )
            for row in rows
            if row.Site.time_zone in zones.names()
            and not access.room_for(
                row.Site,
                look.now,
                look.now + timedelta(days=7),
                timedelta(minutes=row.duration_minutes),
            )
        ),
        of=rows,
    )


@detector(
    Severity.warning,
    "A visit is planned to begin outside the window that its customer was told.",
    P.visits_read,
)
async def visit_outside_promise(look: Look) -> Found:
    """Promises that the board will break."""
    return await look.each(
        _planned(look).where(
            Visit.promised_start.is_not(None),
            or_(
                Visit.planned_start < Visit.promised_start,
                Visit.planned_start > Visit.promised_end,
            ),
        ),
        lambda row: Finding(
            f"{_when(row)} was promised for"
            f" {spoken(row.promised_start, row.promised_end, row.time_zone)}.",
            (_visit(look, row),),
            Fix("Move it into the window, or tell the customer another one and promise that."),
        ),
    )


@detector(
    Severity.warning,
    "A part of work over several visits is planned before the part that it follows is over.",
    P.visits_read,
)
async def visit_before_its_part(look: Look) -> Found:
    """Walls that are painted before they stand."""
    before = aliased(Visit)
    return await look.each(
        _planned(
            look,
            before.id.label("before_id"),
            before.planned_start.label("before_starts"),
            before.planned_end.label("before_ends"),
        )
        .join(before, (before.org_id == Visit.org_id) & (before.id == Visit.follows_id))
        .where(before.status.in_(PLANNED), Visit.planned_start < before.planned_end),
        lambda row: Finding(
            f"{_when(row)} follows a part of the same work that is not over by then:"
            f" {spoken(row.before_starts, row.before_ends, row.time_zone)}.",
            (
                _visit(look, row),
                Named(
                    "visit",
                    row.before_id,
                    row.number,
                    look.day(row.before_starts),
                    row.work_order_id,
                ),
            ),
            Fix("Move it behind the part that it follows.", _back_to_the_tray(row)),
        ),
    )


@detector(
    Severity.warning,
    "A visit was planned for a time that is past, and never begun.",
    P.visits_read,
)
async def visit_never_begun(look: Look) -> Found:
    """Visits that nobody tapped, or nobody went to."""
    return await look.each(
        _visits().where(
            Visit.status.in_(PLANNED),
            Visit.planned_start < look.now,  # what the index knows
            Visit.planned_end < look.now,
        ),
        lambda row: Finding(
            f"{_when(row)} is past, and nobody began it.",
            (_visit(look, row),),
            Fix("If somebody was there, complete it with its times; if not, plan it anew."),
        ),
    )


@detector(
    Severity.error,
    "A window is promised for today or tomorrow, and nobody is to come.",
    P.visits_read,
)
async def promise_without_anybody(look: Look) -> Found:
    """Promises that nobody is to keep."""
    rows = await look.rows(
        _visits()
        .where(
            Visit.status.in_(TO_COME),
            Visit.promised_end >= look.now,
            Visit.promised_start < look.now + 3 * DAY,
            ~exists(
                select(Assignment.id)
                .where(
                    Assignment.org_id == Visit.org_id,
                    Assignment.visit_id == Visit.id,
                    Assignment.status.not_in(GONE),
                )
                .correlate(Visit)
            ),
        )
        .order_by(None)
        .order_by(Visit.promised_start, Visit.id)
    )
    return look.some(
        (
            Finding(
                f"{row.number} is promised for"
                f" {spoken(row.promised_start, row.promised_end, row.time_zone)}, and nobody is"
                " to come.",
                (_visit(look, row),),
                Fix("Put somebody on it, or tell the customer another window."),
            )
            for row in rows
            if look.day(row.promised_start) <= look.today() + DAY
        ),
        of=rows,
    )


@detector(
    Severity.warning,
    "A work order has been ready for more than a day, and has no visit to come.",
    P.work_orders_read,
    P.visits_read,
)
async def work_order_without_visit(look: Look) -> Found:
    """Work that nobody will ever see on the board or in its tray."""
    to_come = exists(
        select(Visit.id)
        .where(
            Visit.org_id == WorkOrder.org_id,
            Visit.work_order_id == WorkOrder.id,
            Visit.deleted_at.is_(None),
            Visit.is_to_come(),
        )
        .correlate(WorkOrder)
    )
    return await look.each(
        select(WorkOrder.id, WorkOrder.number, WorkOrder.summary)
        .where(
            WorkOrder.status == WorkOrderStatus.ready,
            WorkOrder.deleted_at.is_(None),
            WorkOrder.created_at < look.now - DAY,
            ~to_come,
        )
        .order_by(WorkOrder.created_at, WorkOrder.id),
        lambda row: Finding(
            f"{row.number} ({row.summary}) is ready, and nobody is going to come for it.",
            (Named("work_order", row.id, row.number),),
            Fix(
                "Give it a visit, which then waits in the tray, or cancel it.",
                Request("POST", "/api/v2/visits", P.dispatch_write, {"work_order_id": str(row.id)}),
            ),
        ),
    )


def _of_customer(look: Look, *more: Any) -> Asked:
    return _planned(
        look, Customer.id.label("customer_id"), Customer.name.label("customer"), *more
    ).join(Customer, (Customer.org_id == WorkOrder.org_id) & (Customer.id == WorkOrder.customer_id))


@detector(
    Severity.warning,
    "A visit to come is for a customer on credit hold.",
    P.visits_read,
    P.customers_read,
)
async def visit_on_credit_hold(look: Look) -> Found:
    """Work that may never be paid."""
    return await look.each(
        _of_customer(look, Customer.credit_hold_reason).where(Customer.credit_held_at.is_not(None)),
        lambda row: Finding(
            f"{_when(row)} is for {row.customer}, who is on credit hold: {row.credit_hold_reason}",
            (_visit(look, row), Named("customer", row.customer_id, row.customer)),
            Fix(
                "Take it off the board until they have paid, or release the hold.",
                _back_to_the_tray(row),
            ),
        ),
    )


@detector(
    Severity.error,
    "A visit to come is for a customer who is not to be served.",
    P.visits_read,
    P.customers_read,
)
async def visit_not_to_be_served(look: Look) -> Found:
    """Work for somebody of whom it was said that nobody goes there any more."""
    return await look.each(
        _of_customer(look, Customer.service_stop_reason).where(
            Customer.service_stopped_at.is_not(None)
        ),
        lambda row: Finding(
            f"{_when(row)} is for {row.customer}, who is not to be served:"
            f" {row.service_stop_reason}",
            (_visit(look, row), Named("customer", row.customer_id, row.customer)),
            Fix(
                "Take it off the board and cancel it, or serve them again.",
                _back_to_the_tray(row),
            ),
        ),
    )


@detector(
    Severity.info,
    "An event to come has nobody and nothing taking part.",
    P.visits_read,
)
async def event_without_participants(look: Look) -> Found:
    """Meetings that take nobody's time."""
    taken = exists(
        select(EventParticipant.id)
        .where(EventParticipant.org_id == Event.org_id, EventParticipant.event_id == Event.id)
        .correlate(Event)
    )
    return await look.each(
        select(Event.id, Event.title, Event.version, Event.starts_at, Event.ends_at)
        .where(Event.deleted_at.is_(None), Event.ends_at > look.now, ~taken)
        .order_by(Event.starts_at, Event.id),
        lambda row: Finding(
            f"“{row.title}” on {spoken(row.starts_at, row.ends_at, look.zone)} takes nobody's time.",
            (Named("event", row.id, row.title, look.day(row.starts_at)),),
            Fix(
                "Say who takes part, or delete it.",
                Request("DELETE", f"/api/v2/events/{row.id}", P.dispatch_write),
            ),
        ),
    )
