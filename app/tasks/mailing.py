"""Sending what an organisation wrote.

Three steps, each its own transaction: marked as leaving, handed over, noted. No transaction is open
while a mail server takes its time.
"""

from datetime import timedelta
from uuid import UUID

from app.core.telemetry import PROVIDERS
from app.core.tools import tools_of
from app.integrations.mail import FAILURES, NotSent
from app.services import mails
from app.tasks.work import Definition, Work


async def send_mail(work: Work, mail_id: UUID | None) -> None:
    """Hand one mail over, once."""
    assert mail_id is not None
    async with work.transaction() as ctx:
        leaving = await mails.hand_over(ctx, mail_id)
        post = tools_of(ctx.session).post
    if leaving is None:
        return
    failure: Exception | None = None
    try:
        await post.send(*leaving)
    except FAILURES as error:
        failure = error
    PROVIDERS.labels("mail", "failed" if failure else "answered").inc()
    again = isinstance(failure, NotSent)
    # also when the worker is to stop: what has left has left
    async with work.transaction(last=not again, stopping=True) as ctx:
        await mails.deliver(ctx, mail_id, failure)
    if failure is not None and again:
        raise failure


SENDING = Definition(send_mail, attempts=8, delay=timedelta(seconds=10), gave_up=mails.give_up)
