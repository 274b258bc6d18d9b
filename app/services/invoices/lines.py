"""A charge as a person writes it, on an invoice or in the template of a job type."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

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
        description="What one of it costs you, in major units. Needs prices:costs. Left out, it stays"
        " as it was; null: not known."
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
