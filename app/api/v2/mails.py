"""`/api/v2/mails`: what the organisation wrote to people, and what became of it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from app.api.deps import allowed
from app.api.edge import Edge, shows
from app.api.lists import Pages
from app.api.outputs import Instant, PageOut, Record
from app.api.problems import answers
from app.models.mails import Mail, MailStatus
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.mails import MailQuery

router = APIRouter(
    prefix="/api/v2/mails", tags=["mails"], route_class=Edge, responses=answers(401, 403)
)
Reader = Annotated[Ctx, allowed(Permission.mails_read)]


class MailOut(Record):
    """Something we wrote. Its words are not kept once it has left."""

    template: str
    about_id: UUID | None
    to_address: str
    subject: str
    status: MailStatus
    sent_at: Instant | None
    failure: str | None


@shows(Mail)
async def show(ctx: Ctx, mail_id: UUID) -> MailOut:
    """The mail as this caller sees it."""
    return MailOut.model_validate(await ctx.get(Mail, mail_id))


@router.get("", operation_id="list_mails", summary="List mails", responses=answers(400, 422))
async def list_mails(
    ctx: Reader, query: Annotated[MailQuery, Query()], page: Pages
) -> PageOut[MailOut]:
    """Mails of your organisation, newest first; `about_id` asks for those about one record."""
    return await page(Mail, query)  # type: ignore[return-value]


@router.get("/{id}", operation_id="get_mail", summary="Get a mail", responses=answers(404, 422))
async def get_mail(ctx: Reader, id: UUID) -> MailOut:
    """One mail, with why it was not sent if it was not."""
    return await show(ctx, id)
