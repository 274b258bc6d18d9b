"""A charge as a person writes it, on an invoice or in the template of a job type.

What it costs us is written by few. Lines are replaced as a whole by people who do not see what a line
costs, so a cost that is not named stays with the line that it was said of.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Annotated, Protocol

from pydantic import AfterValidator, Field

from app.core.errors import Forbidden
from app.models.permissions import Permission
from app.services.context import Ctx
from app.services.inputs import Draft, LongText, Name, UnitPrice
from app.services.inputs import decimal_text as text


def more_than_nothing(number: Decimal) -> Decimal:
    """Raise ValueError for zero."""
    if not number:
        raise ValueError("This must be more than zero.")
    return number


Quantity = Annotated[Decimal, AfterValidator(more_than_nothing), *text(9, 3)]


UnitCost = Annotated[
    UnitPrice | None,
    Field(
        description="What one of it costs us, in major units; needs prices:costs. Left out: as it"
        " was. Null: not known."
    ),
]


class LineDraft(Draft):
    """A charge. What it comes to is worked out here."""

    description: Name
    detail: LongText | None = None
    quantity: Quantity = Decimal(1)
    unit: Annotated[str, Field(min_length=1, max_length=40)] = "each"
    unit_price: UnitPrice
    unit_cost: UnitCost = None
    taxable: bool = True

    @property
    def says_cost(self) -> bool:
        """Whether it names its cost, if only to say that it is not known."""
        return "unit_cost" in self.model_fields_set


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


ALIKE: tuple[Callable[[int, Line], Hashable], ...] = (
    lambda _, one: (one.description, one.detail, one.unit, one.unit_price, one.quantity),
    lambda _, one: (one.description, one.detail, one.unit, one.unit_price),
    lambda _, one: (one.description, one.unit),
    lambda place, one: (place, one.unit, one.unit_price),
)
"""By what a line is known again, the surest first: by its words and unit wherever it stands now; with
other words only in its own place, in the same unit and at the same price. Anything else is a new line,
of which nobody has said what it costs."""


def costs(lines: Sequence[LineDraft], before: Sequence[Line]) -> list[Decimal | None]:
    """The unit cost of each line: what it says, or else that of the line it was."""
    was: dict[int, int] = {}
    for alike in ALIKE:
        free: dict[Hashable, list[int]] = defaultdict(list)
        for place in set(range(len(before))) - set(was.values()):
            free[alike(place, before[place])].append(place)
        for place, line in enumerate(lines):
            if place not in was and (places := free.get(alike(place, line))):
                was[place] = places.pop(0)
    kept = {place: before[known].unit_cost for place, known in was.items()}
    return [
        line.unit_cost if line.says_cost else kept.get(place) for place, line in enumerate(lines)
    ]


def refuse_costs(ctx: Ctx, *, named: bool) -> None:
    """Raise `Forbidden` when a cost is named by somebody who does not see costs."""
    if named and not ctx.may(Permission.prices_costs):
        raise Forbidden(
            "Your role does not see what things cost us, so it cannot say it either. Leave unit_cost"
            " out: what is there stays.",
            permission=Permission.prices_costs.value,
        )
