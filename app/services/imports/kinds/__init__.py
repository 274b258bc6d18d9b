"""The kinds of lists that can be imported, by name; a new one is a file and a line here."""

from app.models.imports import ImportKind
from app.services.imports.kinds.base import Kind
from app.services.imports.kinds.contacts import ContactsKind
from app.services.imports.kinds.customers import CustomersKind
from app.services.imports.kinds.equipment import EquipmentKind
from app.services.imports.kinds.invoices import InvoicesKind
from app.services.imports.kinds.sites import SitesKind
from app.services.imports.kinds.technicians import TechniciansKind
from app.services.imports.kinds.work_orders import WorkOrdersKind

KINDS: dict[ImportKind, Kind] = {
    kind.name: kind
    for kind in (
        CustomersKind(),
        ContactsKind(),
        SitesKind(),
        EquipmentKind(),
        TechniciansKind(),
        WorkOrdersKind(),
        InvoicesKind(),
    )
}

__all__ = ["KINDS"]
