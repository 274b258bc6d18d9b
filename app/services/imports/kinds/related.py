"""Hands of records that belong to others: whom and where each row means, settled for a whole batch.

A row whose customer or site cannot be told is refused before anything is made, and costs only itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from app.models.customers import Customer
from app.models.sites import Site
from app.services.context import Ctx
from app.services.imports.batch import Batch
from app.services.imports.kinds.base import Hand, Issue, Kind, Refused, Taken
from app.services.imports.kinds.relations import Customers, Places


class RelatedHand(Hand):
    """Finds the customer and the site of each row; `needs_*` says what a row cannot do without."""

    needs_customer: ClassVar[bool] = False
    needs_site: ClassVar[bool] = False
    locks: ClassVar[bool] = True
    """Whether what a row belongs to must not be deleted meanwhile."""

    def __init__(self, kind: Kind, key: str, *, dry_run: bool) -> None:
        super().__init__(kind, key, dry_run=dry_run)
        self.people, self.places = Customers(), Places()
        self.customer: dict[int, Customer] = {}
        self.site: dict[int, Site] = {}

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        self.customer.clear()
        self.site.clear()
        refused: dict[int, Issue] = {}
        whoms = [row.beside.get("customer") for row in rows]
        await self.people.load(ctx, whoms, lock=self.locks)
        for row in rows:
            try:
                self._settle_customer(row, known=row.key in present)
            except Refused as error:
                refused[row.row] = row.issue(error)
        if isinstance(ctx, Batch):
            ctx.know(self.customer.values())
        await self.places.load(
            ctx,
            [row.beside.get("site") for row in rows],
            [customer.id for customer in self.customer.values()],
            lock=self.locks,
        )
        for row in rows:
            try:
                if row.row not in refused:
                    self._settle_site(row, known=row.key in present)
                    await self.settle(ctx, row)
            except Refused as error:
                refused[row.row] = row.issue(error)
        if isinstance(ctx, Batch):
            ctx.know(self.site.values())
        return refused

    async def settle(self, ctx: Ctx, row: Taken) -> None:
        """Whatever else the row names. Raises `Refused`."""
        return

    def _settle_customer(self, row: Taken, *, known: bool) -> None:
        whom = row.beside.get("customer")
        if whom is not None:
            self.customer[row.row] = self.people.one(whom)
        elif self.needs_customer and not known:
            raise Refused(
                "no_customer",
                f"The row names no customer. Every new {self.kind.called} needs one.",
                "customer_name",
            )

    def _settle_site(self, row: Taken, *, known: bool) -> None:
        if not self.needs_site:
            return
        where, customer = row.beside.get("site"), self.customer.get(row.row)
        if where is None and customer is None:
            if known:
                return
            raise Refused(
                "no_site",
                f"The row names no site. Every new {self.kind.called} needs one.",
                "street",
            )
        if where is None and known:
            return  # the customer's only site may not be where it was before
        self.site[row.row] = self.places.one(where, customer)
