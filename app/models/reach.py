"""The record scope from the viewer's side: the ids of what somebody sees, found from what is theirs.

`visible_to` asks of a record whether somebody sees it, which is cheap for one. A list asks the other way
round: from one's technicians and territories to their work, so that it looks at as much as one sees, and
not at as much as there is. That both name the same records is tried on random data
(`tests/rules/test_reach.py`). Each step is an array, which the planner takes for short: it goes from key
to key, and never reads a table to join it.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    Select,
    exists,
    or_,
    select,
    union_all,
)

from app.core.listing import Ids, among, one_by_one
from app.core.model import Viewer
from app.models.assignments import Assignment, AssignmentStatus
from app.models.branches import TerritoryMember
from app.models.contacts import Contact, CustomerContact
from app.models.customers import Customer
from app.models.equipment import Equipment
from app.models.invoices import Invoice
from app.models.scopes import of_my_teams
from app.models.sites import Site, SiteParty
from app.models.technicians import Technician
from app.models.visits import Visit
from app.models.work_orders import WorkOrder


def reached(model: type[Any], viewer: Viewer) -> Ids | None:
    """The ids of this model's records that `viewer` sees; None: all of them."""
    found = None if viewer.sees_all else FROM.get(model)
    return found(viewer) if found else None


def _assigned(viewer: Viewer) -> Select[Any]:
    """Visits of one's own, or of one's teams."""
    on_it = Technician.of_member(viewer.user_id)
    if viewer.sees_team:
        on_it = or_(on_it, of_my_teams(Technician, viewer))
    technicians = select(Technician.id).where(Technician.org_id == viewer.org_id, on_it)
    return select(Assignment.visit_id).where(
        Assignment.org_id == viewer.org_id,
        among(Assignment.technician_id, technicians),
        Assignment.status != AssignmentStatus.removed,
    )


def _sites_there(viewer: Viewer) -> Select[Any]:
    """Sites in one's territories."""
    mine = select(TerritoryMember.territory_id).where(
        TerritoryMember.org_id == viewer.org_id, TerritoryMember.member_id == viewer.user_id
    )
    return select(Site.id).where(Site.org_id == viewer.org_id, among(Site.territory_id, mine))


def _work_there(viewer: Viewer) -> Select[Any]:
    return select(WorkOrder.id).where(
        WorkOrder.org_id == viewer.org_id, among(WorkOrder.site_id, _sites_there(viewer))
    )


def _visits(viewer: Viewer) -> Ids:
    if not viewer.sees_territory:
        return _assigned(viewer)
    there = select(Visit.id).where(
        Visit.org_id == viewer.org_id, among(Visit.work_order_id, _work_there(viewer))
    )
    return union_all(_assigned(viewer), there)


def _work_orders(viewer: Viewer) -> Ids:
    visited = select(Visit.work_order_id).where(
        Visit.org_id == viewer.org_id, among(Visit.id, _assigned(viewer))
    )
    return union_all(visited, _work_there(viewer)) if viewer.sees_territory else visited


def _sites(viewer: Viewer) -> Ids:
    worked = select(WorkOrder.site_id).where(
        WorkOrder.org_id == viewer.org_id, among(WorkOrder.id, _work_orders(viewer))
    )
    return union_all(worked, _sites_there(viewer)) if viewer.sees_territory else worked


def _customers(viewer: Viewer) -> Ids:
    billed = select(WorkOrder.customer_id).where(
        WorkOrder.org_id == viewer.org_id, among(WorkOrder.id, _work_orders(viewer))
    )
    parties = select(SiteParty.customer_id).where(
        SiteParty.org_id == viewer.org_id, among(SiteParty.site_id, _sites(viewer))
    )
    if not viewer.sees_territory:
        return union_all(billed, parties)
    work = select(WorkOrder.id).where(
        WorkOrder.org_id == Customer.org_id, WorkOrder.customer_id == Customer.id
    )
    party = select(SiteParty.id).where(
        SiteParty.org_id == Customer.org_id, SiteParty.customer_id == Customer.id
    )
    each = (one_by_one(one).correlate(Customer) for one in (work, party))
    unclaimed = select(Customer.id).where(
        Customer.org_id == viewer.org_id, Customer.unclaimed, *(~exists(one) for one in each)
    )
    return union_all(billed, parties, unclaimed)


def _contacts(viewer: Viewer) -> Ids:
    customers = select(Customer.id).where(
        Customer.org_id == viewer.org_id,
        among(Customer.id, _customers(viewer)),
        Customer.deleted_at.is_(None),
    )
    return select(CustomerContact.contact_id).where(
        CustomerContact.org_id == viewer.org_id, among(CustomerContact.customer_id, customers)
    )


def _equipment(viewer: Viewer) -> Ids:
    return select(Equipment.id).where(
        Equipment.org_id == viewer.org_id, among(Equipment.site_id, _sites(viewer))
    )


def _invoices(viewer: Viewer) -> Ids:
    return select(Invoice.id).where(
        Invoice.org_id == viewer.org_id, among(Invoice.work_order_id, _work_orders(viewer))
    )


FROM: dict[type[Any], Callable[[Viewer], Ids]] = {
    Visit: _visits,
    WorkOrder: _work_orders,
    Site: _sites,
    Customer: _customers,
    Contact: _contacts,
    Equipment: _equipment,
    Invoice: _invoices,
}
"""The models that narrow and are listed or searched in one trip."""
