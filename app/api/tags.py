"""How a tag is shown on a record."""

from typing import Annotated
from uuid import UUID

from app.api.outputs import ByName, Out


class TagOnRecordOut(Out):
    id: UUID
    name: str
    color: str


TagsOnRecord = Annotated[list[TagOnRecordOut], ByName()]
"""In a table by their names."""
