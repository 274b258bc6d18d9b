"""The list of what positions say of visits."""

from typing import Annotated, ClassVar
from uuid import UUID

from app.core.filters import Fields, filterable
from app.core.listing import Column, Filter, ListQuery
from app.models.geofence_events import EventStatus, GeofenceEvent


class EventQuery(ListQuery):
    """Filters and sorts of the list of geofence events."""

    SORTS: ClassVar[dict[str, Column]] = {
        "created_at": GeofenceEvent.created_at,
        "at": GeofenceEvent.at,
    }
    FILTERS: ClassVar[Fields | None] = filterable(
        GeofenceEvent.id,
        GeofenceEvent.created_at,
        GeofenceEvent.updated_at,
        GeofenceEvent.visit_id,
        GeofenceEvent.kind,
        GeofenceEvent.at,
        GeofenceEvent.status,
    )

    status: Annotated[EventStatus | None, Filter(GeofenceEvent.status)] = None
    visit_id: Annotated[UUID | None, Filter(GeofenceEvent.visit_id)] = None
    technician_id: Annotated[UUID | None, Filter(GeofenceEvent.technician_id)] = None
