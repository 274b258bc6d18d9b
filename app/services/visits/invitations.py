"""Writing to the customer about a visit: only when somebody asks for it, and once for a promise.

Promising the same window again is the same promise and writes nothing; another window is a new
mail with the same event in it, one step further. Only who was invited can be told of a cancellation.
No mail leaves at once: what is undone within `SECOND_THOUGHTS` was never said.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.core import clock
from app.core.errors import invalid_field
from app.core.tools import tools_of
from app.documents.calendars import Appointment, cancellation, invitation
from app.models.contacts import Channel, Contact, CustomerContact
from app.models.mails import Mail
from app.models.promises import Promise
from app.models.visits import Visit
from app.services import mails
from app.services.context import Ctx
from app.services.visits.telling import local

MOST_PROMISES = 500
SECOND_THOUGHTS = timedelta(seconds=10)
"""So long a mail to a customer waits for whoever takes back what it says (`rulings.md` 33)."""


async def reader(ctx: Ctx, visit: Visit) -> str:
    """The address to write to: of a contact who wants to hear of appointments by e-mail, or else the
    customer's own. Raises `Invalid` when there is none."""
    customer = visit.work_order.customer
    wanting = await ctx.session.scalar(
        select(Contact.email)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .where(
            CustomerContact.customer_id == customer.id,
            Contact.deleted_at.is_(None),
            Contact.email.is_not(None),
            Contact.notify_appointments.contains([Channel.email.value]),
        )
        .order_by(CustomerContact.created_at, CustomerContact.id)
        .limit(1)
    )
    email = wanting or customer.email
    if email is None:
        raise invalid_field(
            "notify",
            f"There is no e-mail address for {customer.name}. Add one to the customer, or a contact"
            " who wants to hear of appointments by e-mail.",
            code="no_address",
        )
    return email


async def invite(ctx: Ctx, visit: Visit, to: str) -> None:
    """Confirm the promise that stands, which has just been written, with an invitation."""
    first, sequence = _first_of_window(await _ledger(ctx, visit))
    await _send(ctx, visit, to, first, sequence, "visit_promised", invitation)


async def call_off(ctx: Ctx, visit: Visit) -> None:
    """Tell whoever was invited last that nobody comes. Raises `Invalid` when nobody was."""
    ledger = await _ledger(ctx, visit)
    invited = await ctx.session.scalar(
        select(Mail.to_address)
        .where(Mail.about_id == visit.id, Mail.template == "visit_promised")
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(1)
    )
    if invited is None or not ledger:
        raise invalid_field(
            "notify", "Nobody was written to about this visit. Call them.", code="not_invited"
        )
    await _send(ctx, visit, invited, ledger[-1], len(ledger), "visit_canceled", cancellation)


async def _ledger(ctx: Ctx, visit: Visit) -> list[Promise]:
    """All promises of the visit, oldest first."""
    found = await ctx.session.scalars(
        select(Promise)
        .where(Promise.visit_id == visit.id)
        .order_by(Promise.created_at, Promise.id)
        .limit(MOST_PROMISES)
    )
    return list(found)


def _first_of_window(ledger: list[Promise]) -> tuple[Promise, int]:
    """The promise with which the present window began, and how many came before it."""
    last = ledger[-1]
    place = len(ledger) - 1
    while place and (ledger[place - 1].window_start, ledger[place - 1].window_end) == (
        last.window_start,
        last.window_end,
    ):
        place -= 1
    return ledger[place], place


async def _send(
    ctx: Ctx,
    visit: Visit,
    to: str,
    promise: Promise,
    sequence: int,
    template: str,
    written: Callable[[Appointment], bytes],
) -> None:
    company, site = await ctx.organisation(), visit.work_order.site
    data = _data(visit, promise, company.phone, company.email)
    appointment = Appointment(
        uid=f"visit-{visit.id}@{tools_of(ctx.session).mail_from.rpartition('@')[2]}",
        sequence=sequence,
        start=promise.window_start,
        end=promise.window_end,
        zone=promise.time_zone,
        summary=f"{company.name}: {visit.work_order.summary}",
        location=site.address,
        description=f"We arrive {data['window']}. {data['reach'].capitalize()}.",
        organizer=company.name,
        organizer_email=company.email or tools_of(ctx.session).mail_from,
        attendee=to,
        written_at=clock.now(),
    )
    method = "CANCEL" if template == "visit_canceled" else "REQUEST"
    await mails.send(
        ctx,
        to=to,
        template=template,
        data=data,
        key=f"{template}:{promise.id}",
        attachments=[
            mails.Attachment(
                "appointment.ics", written(appointment), f"text/calendar; method={method}"
            )
        ],
        about=visit,
        after=SECOND_THOUGHTS,
    )


def _data(
    visit: Visit, promise: Promise, phone: str | None, email: str | None
) -> Mapping[str, Any]:
    hours, minutes = divmod(visit.duration_minutes, 60)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    called = f"call us at {phone}" if phone else None
    answered = f"write to {email}" if email else "answer this mail"
    return {
        "window": local(visit, promise.window_start, promise.window_end),
        "summary": visit.work_order.summary,
        "address": visit.work_order.site.address,
        "duration": " ".join(parts),
        "reach": called or answered,
    }
