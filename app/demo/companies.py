"""The two demo companies: how large they are, who works there and what their papers say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.demo.people import BLUESTEM, PRAIRIE_DRAIN, DemoCompany
from app.demo.towns import EASTERN_KANSAS, FRONT_RANGE, Region

EVERY_DAY = {day: [["08:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
"""Septic tanks know no weekend; a demo is also opened on a Sunday."""


@dataclass(frozen=True)
class Crew:
    """A technician: name, lane colour, skills with levels, and certificates ending in so many days."""

    name: str
    color: str
    skills: Mapping[str, int]
    certified_for: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Company:
    """What one demo company is built from."""

    who: DemoCompany
    region: Region
    crew: tuple[Crew, ...]
    """The first one is the technician who signs in."""
    settings: Mapping[str, Any]
    logo: bytes
    customers: int
    history: timedelta
    jobs_a_day: tuple[int, int]
    """At least and at most, on a working day."""
    known_at_start: int
    """Of a hundred customers, how many were there from the first day."""
    prospects: int
    """Customers who only asked."""
    troubles: bool
    """Whether today's board shows what can go wrong."""
    work_orders: int = 0
    """How many there shall have been by today, about; 0: as `jobs_a_day` has it."""


def _mark(shape: str, name: str, trade: str, color: str) -> bytes:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 72" width="300" height="72">'
        f'<rect width="72" height="72" rx="14" fill="{color}"/>{shape}'
        f'<text x="88" y="38" font-family="Inter" font-size="30" font-weight="600"'
        f' fill="#16241f">{name}</text>'
        f'<text x="89" y="60" font-family="Inter" font-size="14" letter-spacing="1.5"'
        f' fill="#5b6b64">{trade}</text></svg>'
    ).encode()


STEMS = (
    '<g fill="none" stroke="#f4f1e6" stroke-width="4" stroke-linecap="round">'
    '<path d="M22 60C24 44 24 30 18 14"/><path d="M36 60C36 42 37 28 36 10"/>'
    '<path d="M50 60C48 44 48 30 54 14"/></g>'
    '<path d="M12 52q12-7 24 0t24 0v6q-12 7-24 0t-24 0z" fill="#8fc1d4"/>'
)
DROP = (
    '<path d="M36 12c11 15 17 23 17 32a17 17 0 0 1-34 0c0-9 6-17 17-32z" fill="#fff7e8"/>'
    '<path d="M27 44h18M27 51h18" stroke="#b4552d" stroke-width="3.5" stroke-linecap="round"/>'
)

LARGE = Company(
    who=BLUESTEM,
    region=EASTERN_KANSAS,
    crew=(
        Crew("Theo Alvarez", "#2563eb",
             {"Septic pumping": 4, "Septic inspection": 4, "Drain cleaning": 3,
              "Camera inspection": 2},
             {"Septic inspection": 12}),
        Crew("Marcus Bell", "#059669", {"Septic pumping": 3, "Excavation": 4, "Drain cleaning": 2}),
        Crew("Lena Ortiz", "#db2777",
             {"Plumbing": 4, "Gas fitting": 3, "Backflow testing": 4, "Drain cleaning": 2},
             {"Backflow testing": 210}),
        Crew("Curtis Hale", "#d97706", {"Septic pumping": 4, "Excavation": 3, "Drain cleaning": 2}),
        Crew("Priscilla Dunn", "#7c3aed",
             {"Plumbing": 3, "Drain cleaning": 3, "Camera inspection": 3}),
        Crew("Jamal Whitaker", "#0891b2", {"Plumbing": 4, "Gas fitting": 3, "Drain cleaning": 2}),
        Crew("Hank Sorensen", "#65a30d",
             {"Septic pumping": 5, "Septic inspection": 5, "Excavation": 3},
             {"Septic inspection": 400}),
        Crew("Rosa Medina", "#dc2626",
             {"Drain cleaning": 4, "Camera inspection": 4, "Septic pumping": 2}),
        Crew("Tyler Novotny", "#4f46e5", {"Plumbing": 2, "Drain cleaning": 2}),
        Crew("Amy Fitch", "#0d9488",
             {"Septic pumping": 3, "Septic inspection": 3, "Drain cleaning": 3},
             {"Septic inspection": 150}),
        Crew("Dwayne Carter", "#b45309",
             {"Plumbing": 5, "Gas fitting": 4, "Backflow testing": 3},
             {"Backflow testing": 95}),
        Crew("Nick Yoder", "#475569",
             {"Septic pumping": 2, "Drain cleaning": 2, "Plumbing": 2}),
    ),
    settings={
        "legal_name": "Bluestem Septic & Plumbing LLC",
        "street": "1204 Haskell Ave",
        "city": "Lawrence",
        "region": "KS",
        "postal_code": "66044",
        "base_latitude": 38.9601,
        "base_longitude": -95.2240,
        "phone": "+17855550100",
        "email": "office@bluestem.example.com",
        "website": "https://bluestem.example.com",
        "tax_label": "Sales tax",
        "tax_rate": Decimal("0.0935"),
        "payment_terms_days": 14,
        "working_hours": EVERY_DAY,
        "invoice_footer": "Thank you for calling Bluestem. We warrant our work for one year;"
        " call us first if anything is not right.",
        "payment_instructions": "By check to Bluestem Septic & Plumbing LLC, 1204 Haskell Ave,"
        " Lawrence, KS 66044, or by card at (785) 555-0100. Please name the invoice number.",
    },
    logo=_mark(STEMS, "Bluestem", "SEPTIC &amp; PLUMBING", "#1f4d3f"),
    customers=400,
    history=timedelta(days=183),
    jobs_a_day=(8, 12),
    known_at_start=64,
    prospects=12,
    troubles=True,
)  # fmt: skip
SMALL = Company(
    who=PRAIRIE_DRAIN,
    region=FRONT_RANGE,
    crew=(
        Crew("Jonah Reed", "#2563eb",
             {"Septic pumping": 3, "Septic inspection": 3, "Drain cleaning": 3,
              "Camera inspection": 2, "Plumbing": 2},
             {"Septic inspection": 320}),
        Crew("Tess Romero", "#db2777",
             {"Plumbing": 4, "Gas fitting": 3, "Drain cleaning": 3, "Backflow testing": 3,
              "Camera inspection": 2},
             {"Backflow testing": 260}),
        Crew("Arlo Kent", "#d97706", {"Septic pumping": 2, "Excavation": 3, "Drain cleaning": 2}),
    ),
    settings={
        "legal_name": "Prairie Drain Company",
        "street": "418 Coffman St",
        "city": "Longmont",
        "region": "CO",
        "postal_code": "80501",
        "base_latitude": 40.1668,
        "base_longitude": -105.1046,
        "phone": "+13035550100",
        "email": "office@prairiedrain.example.com",
        "website": "https://prairiedrain.example.com",
        "tax_label": "Sales tax",
        "tax_rate": Decimal("0.0894"),
        "payment_terms_days": 30,
        "working_hours": EVERY_DAY,
        "invoice_footer": "Prairie Drain Co. thanks you for your business.",
        "payment_instructions": "By check to Prairie Drain Company, 418 Coffman St, Longmont, CO"
        " 80501, or by card at (303) 555-0100.",
    },
    logo=_mark(DROP, "Prairie Drain", "LONGMONT, COLORADO", "#b4552d"),
    customers=25,
    history=timedelta(days=24),
    jobs_a_day=(1, 2),
    known_at_start=80,
    prospects=2,
    troubles=False,
)  # fmt: skip
ALL = (SMALL, LARGE)
"""In the order of building: with the statistics of the small one the large one takes half the time."""
