"""The organisation itself: what its papers lack, its windows and holidays, its people's sign-in."""

from datetime import time, timedelta
from itertools import combinations
from typing import Any

from sqlalchemy import extract, func, select

from app.core.wall import spoken_hours
from app.models.arrival_windows import ArrivalWindowSet
from app.models.branches import Branch
from app.models.customers import Customer
from app.models.holidays import Holiday
from app.models.invoices import Invoice, InvoiceStatus
from app.models.job_types import JobType
from app.models.organisations import WEEKDAYS, OrganisationSettings, parse_working_hours
from app.models.permissions import Permission as P
from app.models.technicians import Technician
from app.services.doctor.fillable import fitting, said
from app.services.doctor.findings import (
    Finding,
    Fix,
    Found,
    Look,
    Named,
    Request,
    Severity,
    detector,
    first_of,
)
from app.services.identity import examined

AHEAD = timedelta(days=60)
"""From when on the holidays of the next year are asked for."""
OLD = timedelta(days=30)
DAY_NAMES = {
    "mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday",
    "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip


def _own(organisation: OrganisationSettings) -> tuple[Named, ...]:
    return (Named("organisation", organisation.id, organisation.name),)


async def _if(look: Look, wrong: bool, says: str, fix: str) -> Found:
    """One finding about the organisation, or none."""
    organisation = await look.ctx.organisation()
    return look.some([Finding(says, _own(organisation), Fix(fix))] if wrong else [])


@detector(
    Severity.warning,
    "The organisation's address is not whole: it stands on every invoice.",
    P.organisation_read,
)
async def organisation_without_address(look: Look) -> Found:
    """Papers that do not say where one is."""
    own = await look.ctx.organisation()
    named = {"street": own.street, "city": own.city, "postal code": own.postal_code}
    missing = [name for name, value in named.items() if not value.strip()]
    return await _if(
        look,
        bool(missing),
        f"{own.name} has no {' and no '.join(missing)}, so its invoices do not say where it is.",
        "Fill in the address in the settings.",
    )


@detector(
    Severity.warning,
    "The organisation has neither an e-mail address nor a telephone number on its papers.",
    P.organisation_read,
)
async def organisation_without_contact(look: Look) -> Found:
    """Papers that nobody can answer."""
    own = await look.ctx.organisation()
    return await _if(
        look,
        not (own.email or own.phone),
        f"{own.name} gives neither an e-mail address nor a telephone number: nobody can answer its"
        " invoices and mails.",
        "Fill in an e-mail address or a telephone number in the settings.",
    )


@detector(Severity.info, "The organisation has no logo.", P.organisation_read)
async def organisation_without_logo(look: Look) -> Found:
    """Papers that look like nobody's."""
    own = await look.ctx.organisation()
    return await _if(
        look,
        own.logo_format is None,
        f"{own.name} has no logo, so its papers carry only its name.",
        "Send a logo (PNG or SVG) in the settings.",
    )


@detector(
    Severity.warning,
    "The organisation charges tax outside the United States without its tax number.",
    P.organisation_read,
)
async def organisation_without_tax_number(look: Look) -> Found:
    """Invoices that a customer's bookkeeper sends back. In the United States none is printed."""
    own = await look.ctx.organisation()
    return await _if(
        look,
        own.country != "US" and own.tax_rate > 0 and not (own.tax_number or "").strip(),
        f"{own.name} charges {own.tax_label} and has no tax number on its invoices.",
        "Fill in the tax number in the settings.",
    )


@detector(
    Severity.warning,
    "Invoices do not say how to pay.",
    P.organisation_read,
)
async def organisation_without_payment_instructions(look: Look) -> Found:
    """Invoices that are not paid because nobody knows where to."""
    own = await look.ctx.organisation()
    return await _if(
        look,
        not own.payment_instructions.strip(),
        f"The invoices of {own.name} do not say how to pay them.",
        "Write payment instructions in the settings.",
    )


@detector(
    Severity.info,
    "There are no holidays in a year that is near, although the organisation rests on some days.",
    P.technicians_read,
    P.organisation_read,
)
async def holidays_missing(look: Look) -> Found:
    """Years in which slots would be offered on New Year's Day. Whoever works on every day of the week
    is taken to work on holidays."""
    own = await look.ctx.organisation()
    if all(own.working_hours.get(day) for day in WEEKDAYS):
        return Found()
    today = look.today()
    wanted = sorted({today.year, (today + AHEAD).year})
    year = extract("year", Holiday.day)
    known = {
        int(one)
        for one in await look.ctx.session.scalars(
            select(year).where(year.in_(wanted)).group_by(year).limit(len(wanted))
        )
    }
    return look.some(
        Finding(
            f"No holiday of {one} is known, so work is planned on all of them.",
            _own(own),
            Fix(
                "Take over the public holidays of the country, or add your own.",
                Request(
                    "POST",
                    "/api/v2/public-holidays",
                    P.technicians_write,
                    {"country": own.country, "region": own.region or None, "year": one},
                ),
            ),
        )
        for one in wanted
        if one not in known
    )


@detector(
    Severity.info,
    "There are no arrival windows for work that has none of its own.",
    P.job_types_read,
)
async def arrival_windows_missing(look: Look) -> Found:
    """A desk that has nothing to offer."""
    general = await look.ctx.session.scalar(
        select(ArrivalWindowSet.id)
        .where(ArrivalWindowSet.job_type_id.is_(None), ArrivalWindowSet.branch_id.is_(None))
        .limit(1)
    )
    own = await look.ctx.organisation()
    people = await look.ctx.session.scalar(
        select(func.count())
        .select_from(Technician)
        .where(Technician.active, Technician.deleted_at.is_(None))
    )
    longest = await look.ctx.session.scalar(
        select(func.max(JobType.duration_minutes)).where(JobType.deleted_at.is_(None))
    )
    windows = fitting(
        parse_working_hours(own.working_hours).values(), people=people or 0, longest=longest or 0
    )
    return look.some(
        []
        if general is not None
        else [
            Finding(
                "There are no arrival windows to offer when a customer calls.",
                _own(own),
                Fix(
                    f"Add windows of arrival. One click adds {said(windows)}, which whoever is"
                    " there can fill; change them as you like.",
                    Request(
                        "POST",
                        "/api/v2/arrival-windows",
                        P.job_types_write,
                        {
                            "name": "Usual windows",
                            "windows": [
                                {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}
                                for start, end in windows
                            ],
                        },
                    ),
                ),
            )
        ]
    )


def _windows(row: Any) -> list[tuple[time, time, frozenset[str]]]:
    return [
        (
            time.fromisoformat(one["start"]),
            time.fromisoformat(one["end"]),
            frozenset(one.get("weekdays") or WEEKDAYS),
        )
        for one in row.windows
    ]


_SETS = select(
    ArrivalWindowSet.id,
    ArrivalWindowSet.name,
    ArrivalWindowSet.windows,
    ArrivalWindowSet.branch_id,
).order_by(ArrivalWindowSet.created_at, ArrivalWindowSet.id)


@detector(Severity.warning, "Two arrival windows of one set overlap on a day.", P.job_types_read)
async def arrival_windows_overlap(look: Look) -> Found:
    """Windows between which a customer cannot tell."""
    rows = await look.rows(_SETS)
    return look.some(
        (
            Finding(
                f"The arrival windows {spoken_hours(*one[:2])} and {spoken_hours(*other[:2])} of “{row.name}”"
                " overlap.",
                (Named("arrival_windows", row.id, row.name),),
                Fix("Let one end where the next begins, or put them into sets of their own."),
            )
            for row in rows
            for one, other in combinations(_windows(row), 2)
            if one[0] < other[1] and other[0] < one[1] and one[2] & other[2]
        ),
        of=rows,
    )


@detector(
    Severity.warning,
    "An arrival window begins or ends outside the working hours of its day.",
    P.job_types_read,
    P.organisation_read,
)
async def arrival_windows_outside_hours(look: Look) -> Found:
    """Windows that are offered while nobody works."""
    usual = (await look.ctx.organisation()).working_hours
    found = await look.rows(
        select(Branch.id, Branch.working_hours).where(Branch.working_hours.is_not(None))
    )
    branches = {row.id: row.working_hours for row in found}
    rows = await look.rows(_SETS)
    findings = []
    for row in rows:
        hours = parse_working_hours(branches.get(row.branch_id, usual))
        if not any(hours.values()):
            continue
        for start, end, days in _windows(row):
            closed = [
                DAY_NAMES[day]
                for day in WEEKDAYS
                if day in days
                and (day in _said_days(row, start, end) or hours.get(day))
                and not any(
                    opens <= start and end <= closes
                    for opens, closes in _joined(hours.get(day, []))
                )
            ]
            if closed:
                findings.append(
                    Finding(
                        f"The arrival window {spoken_hours(start, end)} of “{row.name}” lies outside the"
                        f" working hours on {first_of(closed, 7)}.",
                        (Named("arrival_windows", row.id, row.name),),
                        Fix("Move the window into the working hours, or change these."),
                    )
                )
    return look.some(findings, of=rows)


def _said_days(row: Any, start: time, end: time) -> set[str]:
    """The days that the window names; one for every day follows the working hours."""
    return {
        day
        for one in row.windows
        if (one["start"], one["end"]) == (f"{start:%H:%M}", f"{end:%H:%M}")
        for day in one.get("weekdays") or ()
    }


def _joined(spans: list[tuple[time, time]]) -> list[tuple[time, time]]:
    """Spans of a day with what lies between them: a window may reach over lunch."""
    return [(spans[0][0], spans[-1][1])] if spans else []


@detector(
    Severity.warning,
    "A draft invoice is more than 30 days old.",
    P.invoices_read,
    P.customers_read,
)
async def invoice_draft_forgotten(look: Look) -> Found:
    """Money that nobody has asked for."""
    return await look.each(
        select(
            Invoice.id,
            Customer.id.label("customer_id"),
            Customer.name.label("customer"),
            Invoice.created_at,
        )
        .join(Customer, (Customer.org_id == Invoice.org_id) & (Customer.id == Invoice.customer_id))
        .where(
            Invoice.status == InvoiceStatus.draft,
            Invoice.deleted_at.is_(None),
            Invoice.created_at < look.now - OLD,
        )
        .order_by(Invoice.created_at, Invoice.id),
        lambda row: Finding(
            f"The draft invoice for {row.customer} has waited for {(look.now - row.created_at).days}"
            " days.",
            (
                Named("invoice", row.id, f"Draft for {row.customer}"),
                Named("customer", row.customer_id, row.customer),
            ),
            Fix("Issue it, or delete it."),
        ),
    )


@detector(
    Severity.error,
    "An active technician cannot sign in: the person is suspended or switched off.",
    P.technicians_read,
    P.members_read,
)
async def technician_shut_out(look: Look) -> Found:
    """People who are sent out and see nothing of it on their telephone."""
    rows = await examined.technicians_shut_out(look.ctx, look.now, look.most)
    return Found(
        [
            Finding(
                f"{row.name} is an active technician, and cannot sign in.",
                (
                    Named("technician", row.technician_id, row.name),
                    Named("membership", row.member_id, row.name),
                ),
                Fix("Let them in again; or deactivate the technician, if they have left."),
            )
            for row in rows
        ],
        rows[0].in_all if rows else 0,
    )


@detector(
    Severity.info,
    "An invitation has expired before it was accepted.",
    P.members_read,
)
async def invitation_expired(look: Look) -> Found:
    """People who wait for a mail, or missed it."""
    rows = await examined.expired_invitations(look.ctx, look.now, look.most)
    return Found(
        [
            Finding(
                f"The invitation of {row.name} ({row.email}) has expired.",
                (Named("invitation", row.id, row.name),),
                Fix(
                    "Send it again, or take it back.",
                    Request("POST", f"/api/v2/invitations/{row.id}/resend", P.members_write),
                ),
            )
            for row in rows
        ],
        rows[0].in_all if rows else 0,
    )
