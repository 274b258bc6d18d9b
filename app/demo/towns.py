"""Where the demo companies work: real towns, their places looked up from the postal code."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from app.core.geo import Place, place_of

DEGREE = Decimal("0.000001")
SPREAD = Decimal("0.012")
"""How far from its postal code's middle a site lies at most, in degrees: within two kilometres."""


@dataclass(frozen=True)
class Region:
    """Postal codes with how often one of a hundred or so sites lies there."""

    rural: tuple[tuple[str, int], ...]
    urban: tuple[tuple[str, int], ...]
    area_codes: dict[str, str]
    """Of a phone number, by the first three digits of the postal code; `""` is for all others."""
    other_area_codes: tuple[str, ...]
    """For people who brought their number along."""
    roads: tuple[str, ...]
    """Beyond the towns; `#` is a number of hundreds."""

    def place(self, random: Random, *, rural: bool) -> Place:
        """One of its places."""
        codes = self.rural if rural else self.urban
        [code] = random.choices([code for code, _ in codes], [often for _, often in codes])
        place = place_of(code)
        assert place is not None, code
        return place


def near(random: Random, place: Place) -> tuple[Decimal, Decimal]:
    """Latitude and longitude of a site in that place."""
    assert place.point is not None, place
    latitude, longitude = (Decimal(str(one)) for one in place.point)
    return _about(random, latitude), _about(random, longitude)


def _about(random: Random, middle: Decimal) -> Decimal:
    return (middle + SPREAD * random.randint(-1000, 1000) / 1000).quantize(DEGREE)


EASTERN_KANSAS = Region(
    rural=(
        ("66025", 9), ("66006", 9), ("66086", 9), ("66007", 7), ("66012", 6), ("66073", 7),
        ("66066", 6), ("66067", 9), ("66018", 6), ("66030", 5), ("66071", 6), ("66053", 5),
        ("66083", 5), ("66547", 4), ("66536", 4), ("66801", 5), ("66610", 5), ("66502", 4),
    ),
    urban=(
        ("66044", 9), ("66046", 8), ("66047", 8), ("66049", 8), ("66604", 6), ("66605", 4),
        ("66606", 4), ("66614", 6), ("66502", 4), ("66503", 3), ("66801", 3), ("66067", 4),
        ("66061", 5), ("66062", 5), ("66212", 3), ("66215", 4), ("66216", 4), ("66226", 3),
        ("66048", 3), ("66043", 2), ("66441", 2), ("66109", 3), ("64114", 3), ("64151", 2),
        ("64152", 2), ("64063", 2), ("64081", 2), ("64055", 2), ("64012", 1), ("64083", 1),
        ("64068", 1),
    ),
    area_codes={"660": "913", "661": "913", "662": "913", "668": "620", "": "785"}
    | dict.fromkeys(("640", "641"), "816"),
    other_area_codes=("785", "913", "816", "620", "316", "660", "417", "573", "402"),
    roads=(
        "N # Rd", "E # Rd", "County Rd 1029", "County Rd 458", "Stull Rd", "Shawnee Dr",
        "Buffalo Mound Rd", "Mission Creek Rd", "Deer Creek Rd", "Kanwaka Rd", "Clearfield Rd",
        "Spring Creek Rd", "Flint Hills Rd", "Rock Creek Rd", "Stony Point Rd", "Coal Creek Rd",
    ),
)  # fmt: skip
FRONT_RANGE = Region(
    rural=(("80513", 3), ("80542", 2), ("80524", 2), ("80503", 2), ("80550", 2), ("80516", 2)),
    urban=(
        ("80525", 4), ("80537", 3), ("80538", 3), ("80501", 3), ("80301", 2), ("80304", 1),
        ("80631", 2), ("80634", 2), ("80026", 1), ("80027", 1), ("80020", 1),
    ),
    area_codes={"": "970", "800": "303", "803": "303", "805": "970"},
    other_area_codes=("970", "303", "720"),
    roads=("County Rd 15", "County Rd 6", "County Rd 54G", "Weld County Rd 13", "Nelson Rd",
           "Foothills Rd", "Ditch Rider Rd", "Hygiene Rd"),
)  # fmt: skip
