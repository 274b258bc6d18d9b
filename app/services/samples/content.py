"""What the sample records are: a few job types and technicians, and eight households with work.

Everything says that it is a sample. The addresses are in the organisation's own town where its
settings name one; telephone numbers and e-mail addresses are those kept for fiction.
"""

from dataclasses import dataclass
from decimal import Decimal

JOB_TYPES = (
    ("Drain cleaning (sample)", "plumbing", 90, Decimal("225.00"),
     ("Clear the line", "Run water for ten minutes")),
    ("Water heater replacement (sample)", "plumbing", 180, Decimal("1495.00"),
     ("Drain and remove the old heater", "Leak-test gas and water", "Set the temperature")),
    ("Annual service (sample)", "hvac", 60, Decimal("149.00"),
     ("Change the filter", "Measure the temperature split")),
)  # fmt: skip
"""Name, trade, minutes, price, steps."""
TECHNICIANS = (("Jordan Reyes (sample)", "#2563eb"), ("Casey Lindqvist (sample)", "#d97706"))


@dataclass(frozen=True)
class Household:
    """A customer with a site, and the work they called for."""

    name: str
    street: str
    summary: str
    job_type: int
    """Of `JOB_TYPES`."""
    planned: tuple[int, int, int] | None
    """(technician, days from today, hour), or nobody has planned it."""
    equipment: tuple[str, str, str] | None = None
    """Type, make, model."""


HOUSEHOLDS = (
    Household("Alma Whitcomb (sample)", "118 Maple St", "Kitchen drain backs up", 0, (0, 1, 8)),
    Household("Victor Osei (sample)", "2204 Prairie Ave", "No hot water", 1, (1, 1, 9),
              ("Water heater", "Rheem", "XG40")),
    Household("June Halloran (sample)", "77 Orchard Ln", "Yearly check of the furnace", 2, (0, 1, 13),
              ("Furnace", "Carrier", "59SC5")),
    Household("Desmond Pike (sample)", "951 Locust St", "Floor drain overflows", 0, (1, 2, 8)),
    Household("Tamsin Roe (sample)", "3310 Sunset Dr", "Heater leaks at the valve", 1, (0, 2, 10),
              ("Water heater", "Bradford White", "RG250T6N")),
    Household("Hollis Bakery (sample)", "14 Market St", "Service of both rooftop units", 2, (1, 2, 14),
              ("Rooftop unit", "Lennox", "LGH092")),
    Household("Ivo Marchetti (sample)", "408 Elm St", "Shower drains slowly", 0, None),
    Household("Priya Deshmukh (sample)", "66 Lakeview Dr", "Wants a new water heater", 1, None),
)  # fmt: skip

STEPS: tuple[str | Household, ...] = ("job types", "technicians", *HOUSEHOLDS)
"""Each is one transaction."""
ELSEWHERE = ("Lawrence", "KS", "66044")
"""Where they live when the organisation does not say where it is."""
