"""What septic and plumbing companies sell: skills, job types with their steps, and what is added."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Extra:
    """A further line on some invoices."""

    description: str
    unit: str
    price: str
    cost: str | None
    """What one of it costs the company; nobody has said it of all."""
    quantities: tuple[str, ...]
    share: int
    """Of a hundred invoices, how many have it."""

    @property
    def unit_price(self) -> Decimal:
        return Decimal(self.price)

    @property
    def unit_cost(self) -> Decimal | None:
        return None if self.cost is None else Decimal(self.cost)


@dataclass(frozen=True)
class Kind:
    """A job type, and how such work comes about and goes."""

    key: str
    name: str
    trade: str
    minutes: int
    price: str
    cost: str
    """What such work costs the company: wages, the truck, what is used up."""
    needs: tuple[tuple[str, int], ...]
    """(skill, level)."""
    steps: tuple[str, ...]
    calls: tuple[str, ...]
    """What customers say when they call; the work order's summary."""
    found: tuple[str, ...]
    """What the technician notes."""
    extras: tuple[Extra, ...] = ()
    rural: bool = False
    """For houses beyond the sewer."""
    businesses: bool = True
    people: bool = True
    often: int = 10

    @property
    def unit_price(self) -> Decimal:
        return Decimal(self.price)

    @property
    def unit_cost(self) -> Decimal:
        return Decimal(self.cost)


CERTIFIED = ("Septic inspection", "Backflow testing")
"""Skills that are held by a certificate, and end with it."""

EMERGENCY = "emergency"
"""The kind of work that nobody calls for the day before."""

KINDS = (
    Kind(
        "pump_out", "Septic tank pump-out", "septic", 90, "385.00", "148.50",
        (("Septic pumping", 2),),
        ("Measure scum and sludge", "Pump both chambers", "Check baffles and effluent filter",
         "Replace the lids and rake out the ground"),
        ("Tank due for pumping", "Slow drains, tank not pumped in years", "Routine pump-out",
         "Pump-out before the house is sold", "Tank full, alarm on the riser"),
        ("Pumped 1,000 gallons. Inlet baffle sound, outlet filter rinsed.",
         "Pumped 1,250 gallons. Scum 7 in; advised pumping every three years.",
         "Lids are under 18 in of soil; customer will think about risers.",
         "Outlet baffle is worn. Fine for now, look again next time."),
        (Extra("Additional gallons over 1,000", "gallon", "0.32", "0.11", ("250", "300", "500"), 30),
         Extra("Digging for buried lids", "hour", "95.00", "38.00", ("0.5", "1"), 22),
         Extra("Effluent filter", "each", "68.50", "36.40", ("1",), 18),
         Extra("Disposal fee", "each", "42.00", "29.75", ("1",), 60)),
        rural=True, often=19,
    ),
    Kind(
        "inspection", "Septic system inspection", "septic", 120, "475.00", "132.00",
        (("Septic inspection", 3),),
        ("Open and measure the tank", "Run the water test", "Probe the field lines",
         "Photograph what was found"),
        ("Inspection for a home sale", "Lender asks for a septic inspection",
         "County inspection due", "Buyer wants the system looked at"),
        ("System passes. Report goes to the agent.",
         "Passes with a remark: distribution box is out of level.",
         "Water test held for 30 minutes without backing up."),
        (Extra("Dye test", "each", "60.00", "8.20", ("1",), 25),
         Extra("Rush report", "each", "75.00", None, ("1",), 12)),
        rural=True, often=9,
    ),
    Kind(
        "field", "Drain field repair", "septic", 240, "1850.00", "890.00",
        (("Excavation", 3), ("Septic pumping", 1)),
        ("Call 811 and find the marks", "Excavate the failed line", "Lay pipe and aggregate",
         "Backfill and grade"),
        ("Wet spot over the field", "Sewage smell in the yard", "Field line crushed by a truck"),
        ("Replaced 40 ft of the east lateral. Others run free.",
         "Roots in the header; cut out and sleeved.",
         "Distribution box replaced and levelled."),
        (Extra("Perforated pipe, 4 in", "foot", "3.15", "1.4825", ("40", "60", "80"), 80),
         Extra("Washed aggregate", "ton", "46.00", "27.50", ("6", "8", "12"), 70),
         Extra("Distribution box", "each", "165.00", "88.00", ("1",), 30)),
        rural=True, often=4,
    ),
    Kind(
        "drain", "Drain cleaning", "plumbing", 75, "225.00", "78.40", (("Drain cleaning", 2),),
        ("Clear the line", "Run water for ten minutes"),
        ("Kitchen drain backs up", "Floor drain overflows", "Tub and toilet drain slowly",
         "Main line backs up when the washer runs", "Bathroom sink blocked", "Shower drains slowly",
         "Sewer smell in the basement", "Laundry standpipe overflows", "Restroom drain blocked"),
        ("Cleared at 45 ft: grease. Runs free.", "Roots at 60 ft. Recommended a camera look.",
         "Wipes at the closet bend. Cleared."),
        (Extra("Jetting", "hour", "180.00", "61.00", ("0.5", "1", "1.5"), 20),
         Extra("Root treatment", "each", "38.00", "17.35", ("1",), 15)),
        often=26,
    ),
    Kind(
        "heater", "Water heater replacement", "plumbing", 210, "1495.00", "912.75",
        (("Plumbing", 3), ("Gas fitting", 2)),
        ("Drain and remove the old heater", "Leak-test gas and water",
         "Check the draft and set the temperature"),
        ("Water heater leaks", "No hot water, heater is 15 years old", "Replace the 40 gallon heater"),
        ("50 gal natural gas set, 10 year warranty card left.",
         "Added an expansion tank; pressure was 88 psi.",
         "Old flue connector replaced."),
        (Extra("Expansion tank", "each", "89.00", "47.10", ("1",), 45),
         Extra("Haul away the old heater", "each", "45.00", "18.00", ("1",), 80),
         Extra("Gas connector", "each", "36.75", "14.9275", ("1",), 60)),
        often=8,
    ),
    Kind(
        "leak", "Leak repair", "plumbing", 90, "195.00", "71.20", (("Plumbing", 2),),
        ("Shut off and repair", "Test under pressure"),
        ("Water under the kitchen sink", "Ceiling stain below the bathroom",
         "Outside faucet drips", "Toilet runs and rocks", "Shower valve leaks"),
        ("Replaced the angle stop and supply line.", "Soldered a pinhole in the half-inch copper.",
         "New wax ring and bolts; toilet is steady."),
        (Extra("Parts and fittings", "each", "27.40", "11.6350", ("1", "2"), 85),
         Extra("Additional labor", "hour", "115.00", "46.50", ("0.5", "1"), 25)),
        often=20,
    ),
    Kind(
        "backflow", "Backflow test", "plumbing", 45, "120.00", "44.10", (("Backflow testing", 3),),
        ("Test each assembly", "Tag and record"),
        ("Annual backflow test", "City letter: backflow test due", "Test two assemblies"),
        ("Passed at first test; tag set.", "Second check was fouled; cleaned, passed.",),
        (Extra("Further assembly", "each", "65.00", "21.00", ("1", "2"), 40),
         Extra("Filing with the water department", "each", "15.00", None, ("1",), 90)),
        people=False, often=10,
    ),
    Kind(
        "camera", "Sewer camera inspection", "plumbing", 60, "265.00", "82.60",
        (("Camera inspection", 2),),
        ("Record to the main", "Locate and mark defects"),
        ("Look at the line before buying", "Line backs up every few months", "Find the lateral"),
        ("Offset joint at 38 ft under the drive.", "Clay to 52 ft, then PVC; clear.",
         "Belly of 6 ft holds water; marked in the yard."),
        (Extra("Locating and marking", "each", "55.00", "16.00", ("1",), 40),),
        often=8,
    ),
    Kind(
        "grease", "Grease trap service", "septic", 60, "310.00", "118.30", (("Septic pumping", 1),),
        ("Pump the trap dry", "Scrape walls and baffle", "Leave the manifest"),
        ("Grease trap, monthly service", "Grease trap full", "Trap smells; service early"),
        ("Grease 24 percent. Baffle fine.", "Lid gasket is torn; will bring one.",
         "Pumped 750 gallons; manifest left with the kitchen."),
        (Extra("Disposal fee", "each", "42.00", "29.75", ("1",), 95),
         Extra("Lid gasket", "each", "31.00", "12.80", ("1",), 10)),
        people=False, often=12,
    ),
    Kind(
        EMERGENCY, "Emergency call", "plumbing", 120, "295.00", "127.90",
        (("Plumbing", 2), ("Drain cleaning", 2)),
        ("Make safe", "Explain what comes next"),
        ("Sewage coming up in the basement", "Burst pipe in the crawl space", "No water at all"),
        ("Stopped the flow; line cleared through the stack.",
         "Frozen half-inch line had split; spliced.",),
        (Extra("Additional labor", "hour", "165.00", "46.50", ("0.5", "1", "2"), 60),
         Extra("Parts and fittings", "each", "27.40", "11.6350", ("1", "2", "3"), 70)),
        often=6,
    ),
)  # fmt: skip

ACCESS_NOTES = (
    "Gate is chained, not locked. Close it: cattle.", "Dog in the yard; call from the road.",
    "Tank is behind the shed, lids under mulch.", "Use the north drive, the south one is soft.",
    "Park on the street; truck is too heavy for the drive.", "Key at the front desk.",
    "Clean-out is left of the porch steps.", "Ring twice, hard of hearing.",
    "Kitchen closes from 2 to 4; come then.", "Ask for the manager before shutting off water.",
    "Narrow bridge, 10 tons: come from the west.", "Riser is flush with the lawn, look for the flag.",
)  # fmt: skip
CUSTOMER_NOTES = (
    "Prefers mornings.", "Text before calling.", "Pays by check at the visit.",
    "Landlord; tenants let us in.", "Wants photographs of what was found.",
    "Has used us since the flood.", "Send invoices to the office, not the site.",
    "Ask about the service plan.", "Retired plumber: explain properly.",
)  # fmt: skip
SOURCES = ("referral", "website", "phone book", "yard sign", "repeat", "search")
