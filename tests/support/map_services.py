"""Map services, played by a real HTTP server: the product's own twin, in the words of either."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.core.geo import Point
from app.core.roads import Drive
from app.integrations.roads import LARGEST
from app.integrations.roads_twin import RoadsTwin

Rows = list[list[Drive | None]]


def _osrm(twin: RoadsTwin, path: str) -> tuple[Rows, Any]:
    at = urlsplit(path)
    query = parse_qs(at.query)
    assert query["annotations"] == ["duration,distance"]
    spots = [tuple(map(float, one.split(","))) for one in at.path.split("/")[-1].split(";")]
    places = [Point(latitude, longitude) for longitude, latitude in spots]
    starts, goals = (
        [places[int(number)] for number in query[name][0].split(";")]
        for name in ("sources", "destinations")
    )
    rows = twin.answer(starts, goals, None)
    return rows, {
        "code": "Ok",
        "durations": [[one and one.seconds + 0.4 for one in row] for row in rows],
        "distances": [[one and float(one.metres) for one in row] for row in rows],
    }


def _valhalla(twin: RoadsTwin, body: Any) -> tuple[Rows, Any]:
    starts, goals = (
        [Point(one["lat"], one["lon"]) for one in body[name]] for name in ("sources", "targets")
    )
    said = body.get("date_time")
    leaving = datetime.fromisoformat(said["value"]) if said else None
    assert leaving is None or len(starts) <= len(goals), "it would not look at the hour"
    rows = twin.answer(starts, goals, leaving)
    return rows, {
        "units": "kilometers",
        "sources_to_targets": [
            [
                {
                    "from_index": i,
                    "to_index": j,
                    "time": one and one.seconds,
                    "distance": one and one.metres / 1000,
                }
                for j, one in enumerate(row)
            ]
            for i, row in enumerate(rows)
        ],
    }


def _cut(said: Any) -> Any:
    """A table without its last row."""
    return {key: one[:-1] if isinstance(one, list) else one for key, one in said.items()}


@contextmanager
def a_map_service(twin: RoadsTwin, heads: list[dict[str, str]] | None = None) -> Iterator[str]:
    """The URL of a server that answers as the twin does; `heads` is given the headers of each call."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.answer(lambda: _osrm(twin, self.path))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.answer(lambda: _valhalla(twin, body))

        def answer(self, told: Any) -> None:
            assert self.headers["User-Agent"] == "truckroll"
            if heads is not None:
                heads.append({name.lower(): value for name, value in self.headers.items()})
            mood = twin.mood()
            if mood == "silent":
                time.sleep(1.5)
            _, said = told()
            sent = json.dumps(_cut(said) if mood == "cut" else said).encode()
            sent = {"garbled": b"<html>", "endless": b" " * (LARGEST + 1) + sent}.get(
                mood or "", sent
            )
            self.send_response({"busy": 429, "broken": 500}.get(mood or "", 200))
            if mood == "busy":
                self.send_header("Retry-After", "90")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.end_headers()
                self.wfile.write(sent)  # whoever asked may have gone

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
