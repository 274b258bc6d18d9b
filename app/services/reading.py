"""What one may read of a kind of record: what its scope reaches, and of what is reached only through
another record, what one may read of that.

Every look at records in bulk asks this: timelines, the journal, what is told live. So nobody is told of
a record that its own `GET` would refuse.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_

from app.core.model import TenantModel
from app.models.files import Attachment, File
from app.models.notes import Note
from app.services import notes
from app.services.files import reach
from app.services.notes import Reader

THROUGH: dict[type[TenantModel], Callable[[Reader], ColumnElement[bool]]] = {
    Note: notes.read_by,
    Attachment: reach.attachments_read_by,
    File: reach.files_read_by,
}
"""The kinds whose `get` asks for more than permission and scope, and what it asks."""


def readable(model: type[TenantModel], who: Reader) -> ColumnElement[bool]:
    """The records of `model`, deleted ones too, that somebody may read who has its permission."""
    reached, through = model.visible_to(who), THROUGH.get(model)
    return reached if through is None else and_(reached, through(who))
