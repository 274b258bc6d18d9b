"""Time zones by their IANA names."""

import re
from functools import cache
from zoneinfo import available_timezones

# What a system's folder of zones may hold besides zones: `localtime`, `Factory`, `posixrules`.
_NAME = re.compile(r"UTC|[A-Z][A-Za-z_]+(/[A-Za-z0-9_+-]+){1,2}")


@cache
def names() -> frozenset[str]:
    """Every zone's name, such as `America/Chicago`."""
    return frozenset(name for name in available_timezones() if _NAME.fullmatch(name))


def known_zone(name: str) -> str:
    """Return `name` when it is a zone's name. Raises ValueError with an example otherwise."""
    if name not in names():
        raise ValueError(
            f"“{name[:60]}” is not a time zone. Use an IANA name such as America/Chicago."
        )
    return name
