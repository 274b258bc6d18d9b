"""Postings: what an event did to the accounts, as entries that sum to zero and stay for ever.

Positive amounts are debits, negative ones credits. An invoice's balance is its receivable; nothing
else says what is owed.
"""

from collections.abc import Mapping

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.orm.attributes import set_committed_value

from app.core.ids import new_id
from app.models.invoices import Invoice
from app.models.ledger import Account, LedgerEntry
from app.models.payments import Payment
from app.services.context import Ctx


async def post(
    ctx: Ctx, invoice: Invoice, amounts: Mapping[Account, int], *, payment: Payment | None = None
) -> None:
    """Write one posting about an invoice. Accounts with nothing to enter get no entry.

    Raises ValueError when the amounts do not sum to zero: a bug of ours.
    """
    ctx.session.add_all(entries(invoice, amounts, payment=payment))
    await ctx.session.flush()


def entries(
    invoice: Invoice, amounts: Mapping[Account, int], *, payment: Payment | None = None
) -> list[LedgerEntry]:
    """The entries of one posting about an invoice that is in the books, as `post` writes them."""
    if sum(amounts.values()) != 0:
        raise ValueError(f"This posting does not balance: {dict(amounts)}.")
    posting_id = new_id()
    return [
        LedgerEntry(
            posting_id=posting_id,
            account=account,
            amount=amount,
            currency=invoice.currency,
            customer_id=invoice.customer_id,
            invoice_id=invoice.id,
            payment_id=payment.id if payment else None,
        )
        for account, amount in amounts.items()
        if amount
    ]


async def balance(ctx: Ctx, invoice: Invoice) -> int:
    """What is owed on an invoice now, also put on the invoice.

    Ask after locking the invoice: a sum that was read in the locking statement itself is older
    than the lock.
    """
    owed = (await accounts(ctx, invoice)).get(Account.receivable, 0)
    set_committed_value(invoice, "balance", owed)
    return owed


async def accounts(ctx: Ctx, invoice: Invoice) -> dict[Account, int]:
    """What stands in each account for an invoice."""
    rows = await ctx.session.execute(
        select(LedgerEntry.account, cast(func.sum(LedgerEntry.amount), BigInteger))
        .where(LedgerEntry.invoice_id == invoice.id)
        .group_by(LedgerEntry.account)
    )
    return {Account(account): amount for account, amount in rows}
