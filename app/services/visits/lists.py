"""Filters and sorts of the list of visits."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, exists, select

from app.core.filters import Fields, filterable, through
from app.core.listing import Column, Filter, ListQuery, among, one_by_one
from app.models.assignments import GONE, Assignment
from app.models.visits import Visit, VisitStatus
from app.services.inputs import Moment


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
        Visit.expected_end,
        Visit.lock,
        Visit.follows_id,
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
        found = [*super().conditions(), *self._crew()]
        if self.technician_id is not None:
            on_it = _on_it().where(Assignment.technician_id == self.technician_id)
            found.append(exists(on_it))
        return found

    def gathering(self) -> list[ColumnElement[bool]]:
        found = [*super().gathering(), *self._crew()]
        if self.technician_id is not None:
            theirs = select(Assignment.visit_id).where(
                Assignment.technician_id == self.technician_id, Assignment.status.not_in(GONE)
            )
            found.append(among(Visit.id, theirs))
        return found

    def _crew(self) -> Iterator[ColumnElement[bool]]:
        if self.unassigned is not None:
            yield ~exists(_on_it()) if self.unassigned else exists(_on_it())
        if self.unassigned:
            yield Visit.is_to_come()


def _on_it() -> Select[Any]:
    """Somebody's part in the visit."""
    part = select(Assignment.id).where(
        Assignment.org_id == Visit.org_id,
        Assignment.visit_id == Visit.id,
        Assignment.status.not_in(GONE),
    )
    return one_by_one(part).correlate(Visit)
