"""How the last visit is shown, at a site and on a piece of equipment."""

from uuid import UUID

from app.api.outputs import Instant, Out


class LastTechnicianOut(Out):
    id: UUID
    name: str


class LastVisitOut(Out):
    """The visit that was completed last, and who led it."""

    visit_id: UUID
    work_order_id: UUID
    work_order_number: str
    finished_at: Instant
    technician: LastTechnicianOut | None
