"""Adding a customer in one trip, on a bare connection: sign-in, walls, journal, fact and reply included.

The function adds only whoever resembles nobody (`services.duplicates`): those who might are left to the
route, which compares and grades them. So is whatever is refused; then nothing was written.
"""

from dataclasses import dataclass
from uuid import UUID

from app.core.contacts import person_sort_name
from app.core.hot import FAILURES, Pool, connection, refused
from app.services.customers import CustomerDraft
from app.services.hot.reading import Answer, Caller
from app.services.hot.registry import ADD_CUSTOMER


@dataclass(frozen=True, slots=True)
class Once:
    """By what a request that is sent again is known, and that our own page sent it."""

    key: str | None
    fingerprint: bytes
    csrf_hash: bytes | None


class Uncertain(Exception):
    """The connection was lost before it said whether the customer was added."""


def fits(draft: CustomerDraft) -> bool:
    """Whether nothing needs to be looked at but names, numbers, e-mail addresses and the house: a
    parent is locked, and a street without a postal code is looked for in its town, by the route."""
    placed = draft.billing_street is None or bool(draft.billing_postal_code)
    return draft.parent_id is None and placed


async def add_customer(
    pool: Pool, caller: Caller, once: Once, id: UUID, draft: CustomerDraft
) -> Answer | None:
    """The new customer as JSON, or None when nothing was written and the route has to answer.

    Raises `Uncertain` when the connection is lost meanwhile. `draft` must fit.
    """
    async with connection(pool) as bare:
        try:
            row = await bare.fetchrow(
                ADD_CUSTOMER,
                *caller.credentials(),
                once.key,
                once.csrf_hash,
                once.fingerprint,
                id,
                draft.kind,
                draft.stage,
                draft.name,
                person_sort_name(draft.name),
                draft.email,
                draft.phone,
                draft.second_phone,
                draft.billing_street,
                draft.billing_city,
                draft.billing_region,
                draft.billing_postal_code,
                draft.payment_terms_days,
                draft.tax_exempt,
                draft.source,
                draft.notes,
                draft.external_key,
            )
        except FAILURES as error:
            if refused(error):
                return None  # it was refused, and the route knows the words
            raise Uncertain from error
    assert row is not None
    return Answer(row["org_id"], row["user_id"], row["body"]) if row["state"] == "ok" else None
