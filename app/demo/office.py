"""The office of a demo company: who does what there, and what it counts with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

Numbers = Callable[[int], str]
"""The n-th number of a series, counted from nought."""


@dataclass(frozen=True)
class Office:
    """People by their work, number series and terms."""

    owner: UUID
    clerk: UUID
    """Who typed in the customers of the first days."""
    dispatcher: UUID
    accountant: UUID
    technician: UUID
    """The member who is a technician too."""
    work_order_number: Numbers
    invoice_number: Numbers
    terms: int
    """Days to pay, where the customer has no own."""
    job_types: dict[str, UUID] = field(default_factory=dict)
    """By the key of their kind, as soon as they are there."""
