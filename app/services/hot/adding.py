"""Adding a customer on a bare connection: sign-in, walls, journal, fact and reply in one trip.

Whoever resembles nobody is added at once. Whoever might resemble somebody is not: whom, is told, graded
here (`services.duplicates`), and said in a second trip that adds them. Whatever is refused is left to the
route; then nothing was written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.contacts import person_sort_name
from app.core.hot import FAILURES, Pool, connection, refused
from app.services.customers import CustomerDraft
from app.services.duplicates import Duplicate, as_asked, compared, graded
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


Written = Callable[[Sequence[Duplicate]], str]
"""Writes down whom a new customer resembles, as the reply says it."""


def fits(draft: CustomerDraft) -> bool:
    """Whether nothing needs to be locked: the route holds a parent."""
    return draft.parent_id is None


async def add_customer(
    pool: Pool, caller: Caller, once: Once, id: UUID, draft: CustomerDraft, written: Written
) -> Answer | None:
    """The new customer as JSON, or None when nothing was written and the route has to answer.

    Raises `Uncertain` when the connection is lost meanwhile. `draft` must fit.
    """
    parameters = (
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
    async with connection(pool) as bare:
        try:
            row = await bare.fetchrow(ADD_CUSTOMER, *parameters, None)
            if row["state"] == "alike":
                resembled = graded(as_asked(draft), compared(row["body"]))
                row = await bare.fetchrow(ADD_CUSTOMER, *parameters, written(resembled))
        except FAILURES as error:
            if refused(error):
                return None  # it was refused, and the route knows the words
            raise Uncertain from error
    return Answer(row["org_id"], row["user_id"], row["body"]) if row["state"] == "ok" else None
