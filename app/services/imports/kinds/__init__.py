"""The kinds of lists that can be imported, by name; a new one is a file and a line here."""

from app.models.imports import ImportKind
from app.services.imports.kinds.base import Kind
from app.services.imports.kinds.customers import CustomersKind

KINDS: dict[ImportKind, Kind] = {kind.name: kind for kind in (CustomersKind(),)}

__all__ = ["KINDS"]
