"""`python tools/ground.py`: writes `web/src/map/ground.json`, what a map shows where no basemap is set.

Borders of states and counties are the Census Bureau's, as the npm package us-atlas carries them; towns are those
of the postal codes that we carry anyway, the larger ones (by how many postal codes they have) first. Committed, and
made anew by hand: neither changes within a year.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import zipcodes

WEB = Path(__file__).resolve().parents[1] / "web"
ATLAS = WEB / "node_modules" / "us-atlas" / "counties-10m.json"
INTO = WEB / "src" / "map" / "ground.json"
RANKS = (20, 6, 2)
"""From how many postal codes on a town is of the first, second and third rank; all others are of the fourth."""


def rings(shape: dict[str, Any]) -> Iterator[list[int]]:
    """The rings of a polygon, or of many: numbers of arcs, `~n` for arc n backwards."""
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    for polygon in polygons:
        yield from polygon


def borders(shapes: list[dict[str, Any]]) -> set[int]:
    """Arcs between two of them: no coast."""
    met: dict[int, int] = defaultdict(int)
    for shape in shapes:
        for ring in rings(shape):
            for arc in ring:
                met[arc if arc >= 0 else ~arc] += 1
    return {arc for arc, times in met.items() if times > 1}


def towns() -> list[list[Any]]:
    """Name, latitude, longitude and rank of each, first ranks first."""
    codes: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for one in zipcodes.list_all():
        if one["active"] and one["zip_code_type"] == "STANDARD" and one["country"] == "US":
            codes[one["city"], one["state"]].append(one)
    found = []
    for (name, _), places in codes.items():
        latitude, longitude = (
            round(median(float(one[axis]) for one in places), 2) for axis in ("lat", "long")
        )
        rank = sum(len(places) < least for least in RANKS)
        found.append([name, latitude, longitude, rank])
    return sorted(found, key=lambda one: (one[3], one[1], one[2], one[0]))


def main() -> None:
    """Write it."""
    atlas = json.loads(ATLAS.read_text())
    shapes = {name: part.get("geometries", [part]) for name, part in atlas["objects"].items()}
    states = borders(shapes["states"])
    counties = borders(shapes["counties"]) - states
    land = [ring for shape in shapes["nation"] for ring in rings(shape)]
    ground = {
        "transform": {
            name: [round(one, 9) for one in pair] for name, pair in atlas["transform"].items()
        },
        "arcs": atlas["arcs"],
        "land": land,
        "states": sorted(states),
        "counties": sorted(counties),
        "towns": towns(),
    }
    INTO.write_text(json.dumps(ground, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
