"""Filters and sorts of the list of visits."""

from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, exists, select

from app.core.filters import Fields, filterable, through
from app.core.listing import Column, Filter, ListQuery
from app.models.assignments import Assignment, AssignmentStatus
from app.models.visits import TERMINAL, Visit, VisitStatus
from app.services.inputs import Moment

GONE = (AssignmentStatus.removed, AssignmentStatus.declined)


class VisitQuery(ListQuery):
    """What the list of visits takes."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": Visit.created_at,
        "planned_start": Visit.planned_start,
        "promised_start": Visit.promised_start,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        Visit.id,
        Visit.created_at,
        Visit.updated_at,
        Visit.work_order_id,
        Visit.status,
        Visit.status_reason,
        Visit.duration_minutes,
        Visit.instructions,
        Visit.requested_start,
        Visit.requested_end,
        Visit.promised_start,
        Visit.promised_end,
        Visit.confirmed_at,
        Visit.confirmed_via,
        Visit.planned_start,
        Visit.planned_end,
        Visit.travel_started_at,
        Visit.arrived_at,
        Visit.started_at,
        Visit.finished_at,
        Visit.deleted_at,
        many={
            "technicians": through(
                Visit, Assignment.visit_id, Assignment.technician_id, Assignment.status.not_in(GONE)
            )
        },
    )

    status: Annotated[VisitStatus | None, Filter(Visit.status)] = None
    work_order_id: Annotated[UUID | None, Filter(Visit.work_order_id)] = None
    technician_id: UUID | None = Field(None, description="Somebody who is on the visit.")
    planned_from: Annotated[Moment | None, Filter(Visit.planned_start, "gte")] = None
    planned_before: Annotated[Moment | None, Filter(Visit.planned_start, "lt")] = None
    promised_from: Annotated[Moment | None, Filter(Visit.promised_start, "gte")] = None
    promised_before: Annotated[Moment | None, Filter(Visit.promised_start, "lt")] = None
    unassigned: bool | None = Field(
        None, description="true: not over, and nobody is on it; false: somebody is."
    )

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filters that were given."""
        found = super().conditions()
        on_it = (
            select(Assignment.id)
            .where(
                Assignment.org_id == Visit.org_id,
                Assignment.visit_id == Visit.id,
                Assignment.status.not_in(GONE),
            )
            .correlate(Visit)
        )
        if self.technician_id is not None:
            found.append(exists(on_it.where(Assignment.technician_id == self.technician_id)))
        if self.unassigned is True:
            found += [~exists(on_it), Visit.status.not_in(TERMINAL)]
        if self.unassigned is False:
            found.append(exists(on_it))
        return found
