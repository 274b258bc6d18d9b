"""Made-up boards with their lane tables, and drags over them: `python -m tests.support.drag_cases` writes
`tests/vectors/drag.json`, which whoever writes a client of their own tests it against.
"""

import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from app.core.geo import Point
from app.scheduling.travel import estimate
from app.services.board.table import RULES
from tests.support.drags import MINUTE, at, reckoned, z

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "drag.json"
BOARDS, DRAGS = 10, 14
MIDNIGHT = int(datetime(2026, 11, 23, 7, tzinfo=UTC).timestamp())
"""Of a Monday in Phoenix."""
DAY, HOUR = 86_400, 3_600
BANNERS = ("work_order_ended", "credit_hold", "do_not_service")
WELDING, GAS = "skill-welding", "skill-gas"


def o_clock(hour: float) -> int:
    return MIDNIGHT + round(hour * HOUR)


def stretch(start: int, end: int, **more: Any) -> dict[str, Any]:
    return {"start": z(start), "end": z(end), **more}


class Maker:
    """One board, made of one number."""

    def __init__(self, seed: int) -> None:
        self.seed, self.pick = seed, Random(seed)
        self.names = count(1)
        self.now = o_clock(6 if seed % 3 else self.pick.choice((9.5, 11.25, 13)))
        self.places: dict[str, Point | None] = {}
        self.cells: list[Any] = []
        self.access: dict[str, Any] = {}
        self.refused: dict[str, list[str]] = {}
        self.lanes: list[Any] = []
        self.tabled: list[Any] = []

    def id(self) -> str:
        return str(UUID(int=self.pick.getrandbits(128), version=4))

    def point(self) -> Point:
        return Point(
            round(33.45 + self.pick.uniform(-0.25, 0.25), 6),
            round(-112.07 + self.pick.uniform(-0.3, 0.3), 6),
        )

    def made(self) -> Any:
        """The board, its table, and what waits in the tray."""
        for number in range(3):
            self.lane(number)
        waiting = [self.visit(None, None) for _ in range(2)]
        board = {
            "now": z(self.now),
            "days": [stretch(MIDNIGHT, MIDNIGHT + DAY, date="2026-11-23")],
            "lanes": self.lanes,
            "visits": [one for one in self.cells if one not in waiting],
        }
        points = list(dict.fromkeys(self.places.values()))
        table = {
            "rules": RULES,
            "points": [one and list(one) for one in points],
            "places": {key: points.index(point) for key, point in self.places.items()},
            "known": [],
            "lanes": self.tabled,
            "needs": {"job-weld": {WELDING: 2}, "job-gas": {GAS: 1}},
            "refused": self.refused,
            "access": self.access,
        }
        self.ask_a_map_service(table)
        return {"board": board, "table": table, "tray": waiting}

    def ask_a_map_service(self, table: Any) -> None:
        """It knows some of the drives."""
        sites = {one["site_id"]: one for one in self.cells if one["latitude"] is not None}
        for key, cell in list(sites.items())[:4]:
            table["places"][key] = len(table["points"])
            table["points"].append([cell["latitude"], cell["longitude"]])
        numbers = [n for n, one in enumerate(table["points"]) if one is not None]
        for a in numbers:
            for b in numbers:
                if a != b and self.pick.random() < 0.3:
                    known = estimate(Point(*table["points"][a]), Point(*table["points"][b]))
                    times = self.pick.uniform(0.8, 1.5)
                    table["known"].append([a, b, round(known.seconds * times), known.metres])

    def lane(self, number: int) -> None:
        pick, id = self.pick, self.id()
        base = f"base:{id}"
        self.places[base] = None if pick.random() < 0.1 else self.point()
        opens, closes = o_clock(pick.choice((7, 8))), o_clock(pick.choice((16, 17)))
        worked = pick.random() < 0.9
        pieces = [stretch(opens, closes, kind="work")]
        busy, pause, fixed = [], None, None
        if pick.random() < 0.55:
            pause = {
                "seconds": pick.choice((30, 45)) * MINUTE,
                "earliest": z(o_clock(11.5)),
                "latest": z(o_clock(13)),
            }
        elif pick.random() < 0.8:
            fixed = (o_clock(12), o_clock(12.5))
            pieces = [
                stretch(opens, fixed[0], kind="work"),
                stretch(*fixed, kind="break"),
                stretch(fixed[1], closes, kind="work"),
            ]
            busy = [stretch(*fixed)]
        off = [stretch(o_clock(15), o_clock(24))] if number == 2 and pick.random() < 0.4 else []
        outside = pick.choice(("inside", "outside"))
        self.tabled.append(
            {
                "id": id,
                "days": [
                    {
                        "date": "2026-11-23",
                        "start": base,
                        "end": base,
                        "shift": stretch(opens, closes if worked else opens),
                        "first_leg": outside,
                        "last_leg": outside,
                        "pause": pause if worked else None,
                        "busy": busy if worked else [],
                        "off": off,
                        "skills": {WELDING: pick.choice((1, 2, 3)), GAS: 1},
                    }
                ],
            }
        )
        shown = {
            "date": "2026-11-23",
            "start": z(MIDNIGHT),
            "end": z(MIDNIGHT + DAY),
            "known": worked,
            "pieces": pieces if worked else [],
            "overtime": [stretch(closes, closes + HOUR)] if worked else [],
            "events": [],
            "holds": [],
            "busy": [],
            "visit_ids": [],
            "totals": {},
        }
        self.lanes.append({"id": id, "active": pick.random() < 0.95, "days": [shown]})
        self.fill(id, shown)

    def fill(self, lane: str, shown: Any) -> None:
        """One thing after the other, mostly too tightly."""
        pick, start = self.pick, o_clock(self.pick.choice((8, 8.5)))
        while start < o_clock(16):
            length = pick.choice((30, 45, 60, 90)) * MINUTE
            what = pick.random()
            if what < 0.08:
                event = self.id()
                if pick.random() < 0.5:
                    self.places[f"event:{event}"] = self.point()
                shown["events"].append(stretch(start, start + length, id=event))
            elif what < 0.14:
                until = self.now + pick.choice((-1, 1)) * 10 * MINUTE
                shown["holds"].append(stretch(start, start + length, expires_at=z(until)))
            elif what < 0.18 and len(self.lanes) == 3:
                shown["busy"].append(stretch(start, start + length))
                shown["totals"] = None
            elif what < 0.85:
                made = self.visit(lane, start, length)
                shown["visit_ids"].append(made["id"])
            start += length + pick.choice((5, 20, 45, 60, 75, 90)) * MINUTE

    def visit(self, lane: str | None, begins: int | None, length: int = HOUR) -> Any:
        pick, site = self.pick, self.id()
        point = None if pick.random() < 0.05 else self.point()
        if self.cells and pick.random() < 0.1:  # once more at the same house
            site, last = self.cells[-1]["site_id"], self.cells[-1]
            point = last["latitude"] and Point(last["latitude"], last["longitude"])
        window = None
        if pick.random() < 0.7:
            low = (begins or o_clock(pick.choice((8, 10, 13)))) - pick.choice((0, 15, 30)) * MINUTE
            window = (low, low + pick.choice((30, 60, 120)) * MINUTE)
        if pick.random() < 0.08:
            self.access[site] = [stretch(o_clock(8), o_clock(12))]
        done = self.how_far(begins, length) if begins else {"status": "unscheduled"}
        open_yet = done["status"] in ("scheduled", "dispatched")
        cell = {
            "id": self.id(),
            "status": "scheduled",
            "lock": pick.choice(("none",) * 8 + ("time", "resource")) if open_yet else "none",
            "duration_minutes": length // MINUTE,
            "planned_start": begins and z(begins),
            "planned_end": begins and z(begins + length),
            "promised_start": window and z(window[0]),
            "promised_end": window and z(window[1]),
            "expected_end": None,
            "travel_started_at": None,
            "arrived_at": None,
            "started_at": None,
            "finished_at": None,
            "job_type_id": pick.choice(("job-any", "job-any", "job-weld", "job-gas")),
            "crew_size": 2 if pick.random() < 0.1 else 1,
            "site_id": site,
            "latitude": point and point.latitude,
            "longitude": point and point.longitude,
            "assigned": [{"technician_id": lane}] if lane else [],
            **done,
        }
        if pick.random() < 0.15:
            self.refused[cell["id"]] = [BANNERS[(self.seed + len(self.refused)) % len(BANNERS)]]
        self.cells.append(cell)
        return cell

    def how_far(self, begins: int, length: int) -> dict[str, Any]:
        """What has become of it by now."""
        pick, late = self.pick, self.pick.choice((-5, 0, 4, 20)) * MINUTE
        if pick.random() < 0.05:
            return {"status": "canceled"}
        if begins + length < self.now:
            return {
                "status": "completed",
                "travel_started_at": z(begins + late - 15 * MINUTE),
                "arrived_at": z(begins + late),
                "started_at": z(begins + late),
                "finished_at": z(begins + length + late),
            }
        if begins < self.now:
            longer = pick.random() < 0.4
            return {
                "status": "working",
                "travel_started_at": z(begins - 15 * MINUTE),
                "arrived_at": z(begins),
                "started_at": z(begins),
                "expected_end": z(begins + 2 * length) if longer else None,
            }
        if begins < self.now + 20 * MINUTE:
            return {"status": "en_route", "travel_started_at": z(self.now - 5 * MINUTE)}
        return {"status": pick.choice(("scheduled", "dispatched"))}


def drags(maker: Maker, made: Any) -> list[Any]:
    """Some of the board's visits and some from the tray, held over somebody's lane."""
    pick, found = maker.pick, []
    lanes = [one["id"] for one in made["board"]["lanes"]]
    for _ in range(DRAGS):
        visit = pick.choice(made["tray"] if pick.random() < 0.4 else maker.cells)
        who = pick.sample(lanes, 2 if pick.random() < 0.1 else 1)
        if pick.random() < 0.2 and visit["assigned"]:
            who = [visit["assigned"][0]["technician_id"]]  # to another time
        start = o_clock(7) + pick.randrange(0, 44) * 15 * MINUTE
        shown = next(one for one in made["board"]["lanes"] if one["id"] == who[0])["days"][0]
        free = [at(one["planned_end"]) for one in maker.cells if one["id"] in shown["visit_ids"]]
        if free and pick.random() < 0.7:
            start = pick.choice(free) + pick.choice((0, 5, 10)) * MINUTE
        drop = {"visit_id": visit["id"], "technician_ids": who, "start": z(start)}
        if pick.random() < 0.15:
            drop["end"] = z(start + pick.choice((20, 45, 150)) * MINUTE)
        elif pick.random() < 0.5:
            drop["end"] = z(start + 30 * MINUTE)
        found.append(drop)
    return found


def vectors() -> str:
    """The file: boards, a line each, and what comes of drags over them, a line each."""
    boards, cases = [], []
    for seed in range(1, BOARDS + 1):
        maker = Maker(seed)
        made = maker.made()
        visits = {one["id"]: one for one in maker.cells}
        for drop in drags(maker, made):
            held = {**drop, "visit": visits[drop["visit_id"]]}
            told = reckoned(made["board"], made["table"], held)
            cases.append({"board": len(boards), "drop": drop, "consequence": told})
        boards.append(made)
    parts = [
        ",\n".join(json.dumps(one, separators=(",", ":")) for one in each)
        for each in (boards, cases)
    ]
    return '{"boards": [\n' + parts[0] + '\n], "cases": [\n' + parts[1] + "\n]}\n"


if __name__ == "__main__":
    VECTORS.write_text(vectors(), encoding="utf-8")
