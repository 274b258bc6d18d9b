"""How a handler answers with a page: `return await page(Customer, query)`."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from sqlalchemy import Select
from sqlalchemy.orm.interfaces import ORMOption

from app.api.state import state_of
from app.core.listing import ListQuery, Page, fetch_page
from app.core.model import TenantModel
from app.services import finding
from app.services.context import Ctx
from app.services.finding import views

M = TypeVar("M", bound=TenantModel)


class Lister:
    """Pages of what this caller may see, with this process's seal on the cursors."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._ctx: Ctx = request.state.ctx
        self._cursors = state_of(request).cursors

    async def __call__(
        self,
        model: type[M],
        query: ListQuery,
        *,
        where: Sequence[Any] = (),
        options: Sequence[ORMOption] = (),
    ) -> Page[M]:
        statement = self._ctx.select(model, deleted=query.deleted).where(*where).options(*options)
        return await self.of(statement, query)

    async def of(self, statement: Select[Any], query: ListQuery) -> Page[Any]:
        """A page of a statement that is already narrowed to what this caller may see."""
        model = statement.column_descriptions[0]["entity"]
        if query.view is not None:
            name = self._request.url.path.rstrip("/").rpartition("/")[2]
            query, conditions, view = await views.applied(self._ctx, query, name)
            statement = statement.where(*conditions)
            self._request.state.columns = view.columns
        if query.filter is not None:
            statement = statement.where(await finding.meant(self._ctx, query))
        return await fetch_page(
            self._ctx.session, statement, model, query, self._ctx.org_id, self._cursors
        )


Pages = Annotated[Lister, Depends(Lister)]
