"""Files: taken in (`intake`, `kinds`, `names`), kept and given back (`records`), swept (`sweeping`).

Who sees one is decided in `reach`: whoever may read a record that it hangs on.
"""

from app.services.files.intake import Received, receive
from app.services.files.reach import attachments_read_by, reached, record_of
from app.services.files.records import SHOWN, add, content, delete, delete_loose, get, restore

__all__ = [
    "SHOWN",
    "Received",
    "add",
    "attachments_read_by",
    "content",
    "delete",
    "delete_loose",
    "get",
    "reached",
    "receive",
    "record_of",
    "restore",
]
