"""Time zone data of another version: `with zone_data(folder): …`, as after an update of the machine."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path


def patched(folder: Path, **zones: str) -> Path:
    """A folder in which a zone's clocks are those of another: `America_Chicago="America/Regina"`."""
    for name, like in zones.items():
        area, _, place = name.partition("_")
        other, _, town = like.partition("/")
        (folder / area).mkdir(parents=True, exist_ok=True)
        content = files(f"tzdata.zoneinfo.{other}").joinpath(town).read_bytes()
        (folder / area / place).write_bytes(content)
    return folder


@contextmanager
def zone_data(*folders: Path) -> Iterator[None]:
    """Zones are those of these folders and else those of the package `tzdata`; never the system's."""
    zoneinfo.reset_tzpath([str(one) for one in folders])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()
