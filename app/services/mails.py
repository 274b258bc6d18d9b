"""Mails: saying something to somebody outside, in two steps.

`send` records the mail and asks for its delivery in the verb's own transaction: both are there after
the commit, or neither is. A job hands it over afterwards. One key is one mail, however often it is
asked for; and one that may have left when its connection broke is not sent again by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import undefer

from app.core import clock
from app.core.ids import new_id
from app.core.listing import Column, Filter, ListQuery
from app.core.model import TenantModel
from app.core.tools import tools_of
from app.documents.mails import Attachment, Envelope, message, words
from app.integrations.mail import Refused, Unclear
from app.models.mails import Mail, MailStatus
from app.services import jobs
from app.services.context import Ctx
from app.services.inputs import ShortText

__all__ = ["JOB", "Attachment", "MailQuery", "deliver", "give_up", "hand_over", "send"]

JOB = "mail.send"


class MailQuery(ListQuery):
    """Filters and sorts of the list of mails."""

    SORTS: ClassVar[dict[str, Column]] = {"created_at": Mail.created_at}

    status: Annotated[MailStatus | None, Filter(Mail.status)] = None
    to: Annotated[ShortText | None, Filter(Mail.to_address)] = None
    about_id: Annotated[UUID | None, Filter(Mail.about_id)] = None


async def send(
    ctx: Ctx,
    *,
    to: str,
    template: str,
    data: Mapping[str, Any],
    key: str,
    attachments: Sequence[Attachment] = (),
    about: TenantModel | None = None,
    after: timedelta | None = None,
) -> Mail:
    """Write `to` once this transaction has committed; the mail of the same `key` if there is one.

    `template` is a file of `app/documents/templates/mails`, `data` fills it (`url` becomes its
    button, `code` what can be typed instead). `key` says what the mail is for, such as
    `visit-confirmed:{id}:{version}`. `about` is the record it tells of. It leaves once `after` has
    passed: what is undone until then was never said.
    """
    known = await ctx.session.scalar(select(Mail).where(Mail.key == key))
    if known is not None:
        return known
    tools, company = tools_of(ctx.session), await ctx.organisation()
    said = words(template, data, brand=company.name)
    id = new_id()
    envelope = Envelope(
        message_id=str(id),
        sender=tools.mail_from,
        sender_name=company.name,
        to=to,
        at=clock.now(),
        reply_to=company.email,
        request_id=ctx.request_id,
    )
    mail = await ctx.add(
        Mail(
            id=id,
            key=key,
            template=template,
            about_id=about.id if about is not None else None,
            to_address=to,
            subject=said.subject,
            message=tools.vault.seal(message(envelope, said, attachments), _bound(ctx.org_id, id)),
        )
    )
    await jobs.ask(ctx, JOB, mail, as_system=True, after=after)
    return mail


def _bound(org_id: UUID, mail_id: UUID) -> str:
    return f"mail:{org_id}:{mail_id}"


async def hand_over(ctx: Ctx, mail_id: UUID) -> tuple[bytes, str] | None:
    """The message and its address, marked as leaving; None when there is nothing to send any more.

    Must be committed before the message leaves: one that is found `sending` again was in a worker's
    hands when that died, and nobody knows how far it got.
    """
    mail = await ctx.get(Mail, mail_id, lock=True, options=[undefer(Mail.message)])
    if mail.status == MailStatus.sending:
        mail.status = MailStatus.unclear
        mail.failure = "The program that handed it over ended in the middle of it."
    if mail.status not in (MailStatus.queued, MailStatus.refused) or mail.message is None:
        return None
    mail.status = MailStatus.sending
    sealed, bound = mail.message, _bound(ctx.org_id, mail.id)
    return tools_of(ctx.session).vault.open(sealed, bound), mail.to_address


async def deliver(ctx: Ctx, mail_id: UUID, failure: Exception | None) -> None:
    """Note how handing over ended."""
    mail = await ctx.get(Mail, mail_id, lock=True)
    mail.status, mail.failure = outcome(failure)
    mail.sent_at = clock.now() if failure is None else None
    if mail.status in (MailStatus.sent, MailStatus.refused):
        mail.message = None


def outcome(failure: Exception | None) -> tuple[MailStatus, str | None]:
    """What a mail becomes that was handed over, or was not."""
    if failure is None:
        return MailStatus.sent, None
    if isinstance(failure, Unclear):
        return MailStatus.unclear, str(failure)
    if isinstance(failure, Refused):
        return MailStatus.refused, str(failure)
    return MailStatus.queued, str(failure)


async def give_up(ctx: Ctx, mail_id: UUID | None, why: str) -> None:
    """The last try has failed; whoever puts the job back into the queue tries again."""
    assert mail_id is not None
    mail = await ctx.get(Mail, mail_id, lock=True)
    if mail.status == MailStatus.queued:
        mail.status = MailStatus.refused
