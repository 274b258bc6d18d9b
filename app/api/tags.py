"""How a tag is shown on a record."""

from uuid import UUID

from app.api.outputs import Out


class TagOnRecordOut(Out):
    id: UUID
    name: str
    color: str
