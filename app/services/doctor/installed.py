"""What the installation does for an organisation: mail, jobs, links, and how its owners sign in.

Of an installation that only tries things out, whose mails stay in the outbox, nothing is asked that
matters in earnest alone.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from app.core.tools import tools_of
from app.integrations.mail import NoPost
from app.integrations.outbox import OutboxPost
from app.models.jobs import Job, JobStatus
from app.models.mails import Mail, MailStatus
from app.models.permissions import Permission as P
from app.models.travel_times import TravelTime
from app.services.doctor.findings import (
    Finding,
    Fix,
    Found,
    Look,
    Named,
    Request,
    Severity,
    detector,
)
from app.services.identity import examined
from app.services.usage import count_of

MONTH = timedelta(days=30)
PATIENCE = 4
"""Tries, over a quarter of an hour."""
LOOPBACK = ("http://127.", "http://localhost", "http://[::1]")


def _in_earnest(look: Look) -> bool:
    return not isinstance(tools_of(look.ctx.session).post, OutboxPost)


async def _if(look: Look, wrong: bool, says: str, fix: str) -> Found:
    own = await look.ctx.organisation()
    named = (Named("organisation", own.id, own.name),)
    return look.some([Finding(says, named, Fix(fix))] if wrong else [])


@detector(Severity.error, "No mail server is set, so that no mail leaves.", P.mails_read)
async def mail_goes_nowhere(look: Look) -> Found:
    """Invitations, codes and invoices that wait for ever."""
    return await _if(
        look,
        isinstance(tools_of(look.ctx.session).post, NoPost),
        "No mail server is set: invitations, codes and invoices wait and are not sent.",
        "Let SMTP_URL name a mail server, and start again.",
    )


@detector(
    Severity.error,
    "Links in mails lead to this machine only, where nobody else reaches it.",
    P.mails_read,
)
async def links_lead_nowhere(look: Look) -> Found:
    """Mails with links that open nothing."""
    url = tools_of(look.ctx.session).public_url
    return await _if(
        look,
        _in_earnest(look) and url.startswith(LOOPBACK),
        f"Links in mails begin with {url}, which only this machine reaches.",
        "Let PUBLIC_URL say where people reach this installation, and start again.",
    )


@detector(
    Severity.warning,
    "A mail was not taken by the mail server.",
    P.mails_read,
)
async def mail_refused(look: Look) -> Found:
    """Mails that did not arrive, of the last 30 days."""
    return await look.each(
        select(Mail.id, Mail.subject, Mail.to_address, Mail.failure)
        .where(Mail.status == MailStatus.refused, Mail.created_at > look.now - MONTH)
        .order_by(Mail.created_at.desc(), Mail.id),
        lambda row: Finding(
            f"“{row.subject}” to {row.to_address} was not taken: {row.failure or 'nobody said why'}",
            (Named("mail", row.id, row.subject),),
            Fix("Correct the address and send it again from its record."),
        ),
    )


@detector(Severity.error, "A job in the background was given up.", P.jobs_read)
async def job_dead(look: Look) -> Found:
    """Work that was asked for and will not be done by itself."""

    def say(row: Any) -> Finding:
        why = (row.failure or "").strip().splitlines()
        return Finding(
            f"The job “{row.kind}” was given up after {row.attempts} attempts"
            + (f": {why[-1][:200]}" if why else "."),
            (Named("job", row.id, row.kind),),
            Fix(
                "Mend what it says, and try it again.",
                Request("POST", f"/api/v2/jobs/{row.id}/requeue", P.jobs_write),
            ),
        )

    return await look.each(
        select(Job.id, Job.kind, Job.attempts, Job.failure)
        .where(Job.status == JobStatus.dead)
        .order_by(Job.created_at.desc(), Job.id),
        say,
    )


@detector(
    Severity.warning,
    "Drives were asked of the map service again and again, and it did not answer.",
    P.organisation_read,
)
async def drives_unanswered(look: Look) -> Found:
    """Drives that are estimates although somebody should know them."""
    row = (
        await look.ctx.session.execute(
            select(func.count(), func.max(TravelTime.provider)).where(
                TravelTime.due_at.is_not(None), TravelTime.attempts >= PATIENCE
            )
        )
    ).one()
    asked, service = row
    return await _if(
        look,
        asked > 0,
        f"{service} has not said how long {count_of(asked, 'drive takes', 'drives take')}, though"
        f" asked {PATIENCE} times or more.",
        "See that the map service of ROADS answers. Until then drives are estimated.",
    )


@detector(
    Severity.warning,
    "An owner signs in with a password alone.",
    P.members_read,
)
async def owner_without_second_factor(look: Look) -> Found:
    """Accounts that hold everything behind one word."""
    if not _in_earnest(look):
        return Found()
    rows = await examined.owners_with_one_factor(look.ctx, look.now, look.most)
    return Found(
        [
            Finding(
                f"{row.name} owns the organisation and signs in with a password alone.",
                (Named("membership", row.id, row.name),),
                Fix("Let them set up two-step sign-in, or require it of the role."),
            )
            for row in rows
        ],
        rows[0].in_all if rows else 0,
    )
