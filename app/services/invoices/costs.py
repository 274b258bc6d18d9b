"""What the lines of an invoice, or of a template, cost us: said by few, kept by all, shown to nobody else.

Lines are replaced as a whole, also by people who do not see what a line costs, so a cost that is not
named stays with the line that it was said of.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Protocol

from app.core.errors import Forbidden, invalid_field
from app.core.money import Rounding
from app.models.invoices import Invoice
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.invoices.lines import LineDraft
from app.services.invoices.totals import Costed, Margin, line_cost, margin


class Line(Protocol):
    """A charge, as it is written or as it stands."""

    @property
    def description(self) -> str: ...
    @property
    def detail(self) -> str | None: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def unit_cost(self) -> Decimal | None: ...
    @property
    def taxable(self) -> bool: ...


ALIKE: tuple[Callable[[int, Line], Hashable], ...] = (
    lambda _, one: (
        one.description,
        one.detail,
        one.unit,
        one.unit_price,
        one.quantity,
        one.taxable,
    ),
    lambda _, one: (one.description, one.detail, one.unit, one.unit_price),
    lambda _, one: (one.description, one.unit),
    lambda place, one: (place, one.unit, one.unit_price),
)
"""By what a line is known again, the surest first: by its words and unit wherever it stands now; with
other words only in its own place, in the same unit and at the same price. Anything else is a new line,
of which nobody has said what it costs."""


def kept(lines: Sequence[LineDraft], before: Sequence[Line]) -> list[Decimal | None]:
    """The unit cost of each line: what it says, or else that of the line it was."""
    was: dict[int, int] = {}
    for alike in ALIKE:
        free: dict[Hashable, list[int]] = defaultdict(list)
        taken = set(was.values())
        for place, line in enumerate(before):
            if place not in taken:
                free[alike(place, line)].append(place)
        for place, line in enumerate(lines):
            if place not in was and (places := free.get(alike(place, line))):
                was[place] = places.pop(0)
    costs = {place: before[known].unit_cost for place, known in was.items()}
    return [
        line.unit_cost if line.says_cost else costs.get(place) for place, line in enumerate(lines)
    ]


def refuse_unseen(ctx: Ctx, *, named: bool) -> None:
    """Raise `Forbidden` when a cost is named by somebody who does not see costs."""
    if named and not ctx.may(Permission.prices_costs):
        raise Forbidden(
            "Your role does not see what things cost, so it cannot say it either. Leave unit_cost out:"
            " what is there stays.",
            permission=Permission.prices_costs.value,
        )


def refuse_beyond(ctx: Ctx, invoice: Invoice) -> None:
    """Raise `Invalid` about a line that costs more than can be counted. Whoever does not see costs is
    told nothing of them: to them such a line is as good as one without."""
    if not ctx.may(Permission.prices_costs):
        return
    for index, line in enumerate(invoice.lines):
        said = Costed(line.quantity, line.unit_cost)
        if line.unit_cost and line_cost(said, invoice.currency, Rounding(invoice.rounding)) is None:
            raise invalid_field(
                f"lines/{index}/unit_cost", "This line costs more than can be counted. Lower it."
            )


def margin_of(invoice: Invoice) -> Margin:
    """What its lines cost, and what is left; `invoice` comes with its lines."""
    lines = [Costed(line.quantity, line.unit_cost) for line in invoice.lines]
    net = invoice.subtotal - invoice.discount
    return margin(lines, net, invoice.currency, Rounding(invoice.rounding))
