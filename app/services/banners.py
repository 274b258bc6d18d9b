"""What the desk must see before anything else about a customer: do not service, credit hold, debts.

Banners are read for a whole page of records at once, with one statement however many there are. What
is owed comes from the ledger, for those who read invoices.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm import aliased

from app.models.customers import Customer
from app.models.ledger import Account, LedgerEntry
from app.models.members import Member
from app.models.permissions import Permission
from app.services.context import Ctx


class BannerKind(StrEnum):
    do_not_service = "do_not_service"
    credit_hold = "credit_hold"
    balance = "balance"


@dataclass(frozen=True)
class Banner:
    """One of them: since when, by whom and why; or how much is owed."""

    kind: BannerKind
    reason: str | None = None
    since: datetime | None = None
    by_id: UUID | None = None
    by_name: str | None = None
    amount: int | None = None
    currency: str | None = None

    @property
    def by(self) -> dict[str, object] | None:
        return {"id": self.by_id, "name": self.by_name} if self.by_id else None


async def of_customers(ctx: Ctx, ids: Iterable[UUID]) -> dict[UUID, list[Banner]]:
    """The banners of these customers, the gravest first; at most a page of them is asked for."""
    wanted = set(ids)
    stopper, holder = aliased(Member), aliased(Member)
    owed = (
        select(cast(func.sum(LedgerEntry.amount), BigInteger))
        .where(
            LedgerEntry.org_id == Customer.org_id,
            LedgerEntry.customer_id == Customer.id,
            LedgerEntry.account == Account.receivable,
        )
        .correlate(Customer)
        .scalar_subquery()
    )
    rows = await ctx.session.execute(
        select(Customer, stopper.name, holder.name, owed)
        .outerjoin(
            stopper,
            (stopper.org_id == Customer.org_id) & (stopper.id == Customer.service_stopped_by_id),
        )
        .outerjoin(
            holder, (holder.org_id == Customer.org_id) & (holder.id == Customer.credit_held_by_id)
        )
        .where(Customer.id.in_(wanted))
        .limit(max(len(wanted), 1))
    )
    currency = (await ctx.organisation()).currency
    found: dict[UUID, list[Banner]] = {}
    for customer, stopped_by, held_by, balance in rows:
        banners = found.setdefault(customer.id, [])
        if customer.service_stopped_at is not None:
            banners.append(
                Banner(
                    BannerKind.do_not_service,
                    reason=customer.service_stop_reason,
                    since=customer.service_stopped_at,
                    by_id=customer.service_stopped_by_id,
                    by_name=stopped_by,
                )
            )
        if customer.credit_held_at is not None:
            banners.append(
                Banner(
                    BannerKind.credit_hold,
                    reason=customer.credit_hold_reason,
                    since=customer.credit_held_at,
                    by_id=customer.credit_held_by_id,
                    by_name=held_by,
                )
            )
        if balance and balance > 0 and ctx.may(Permission.invoices_read):
            banners.append(Banner(BannerKind.balance, amount=balance, currency=currency))
    return found
