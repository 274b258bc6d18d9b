"""Providers of places, played by a real HTTP server: they find, do not know, refuse, and fall silent."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.integrations.geocoding import Geocoder

HERE = ("33.448377", "-112.074037")
"""Where every known street is."""


@dataclass
class Twin:
    """A provider that answers as both of ours would."""

    url: str = ""
    known: set[str] = field(default_factory=set)
    """Streets."""
    moods: list[str] = field(default_factory=list)
    """How to take the next questions: `busy`, `broken`, `garbled`, `silent` or `denied`."""
    asked: list[str] = field(default_factory=list)
    """Streets that were asked for."""
    when: list[float] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def geocoder(self, provider: str = "nominatim", *, a_minute: int = 6000) -> Geocoder:
        """A client of this server."""
        return Geocoder(provider, key="a key", url=self.url, a_minute=a_minute)

    def street(self, path: str, query: dict[str, list[str]]) -> str:
        """What was asked for, in the words of either."""
        if path == "/search":
            return query["street"][0]
        return query["address"][0].split(",")[0]

    def body(self, path: str, street: str, mood: str | None) -> Any:
        found = street in self.known
        if path == "/search":
            place = {"lat": HERE[0], "lon": HERE[1], "display_name": street}
            return [place | {"addresstype": "building"}] if found else []
        if mood == "denied":
            return {"status": "REQUEST_DENIED", "results": []}
        place = {"lat": float(HERE[0]), "lng": float(HERE[1])}
        result = {
            "formatted_address": street,
            "types": ["street_address"],
            "geometry": {"location": place, "location_type": "ROOFTOP"},
        }
        return {"status": "OK" if found else "ZERO_RESULTS", "results": [result] if found else []}


@contextmanager
def a_provider() -> Iterator[Twin]:
    """A server on a free port."""
    twin = Twin()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            at = urlsplit(self.path)
            street = twin.street(at.path, parse_qs(at.query))
            twin.asked.append(street)
            twin.when.append(time.monotonic())
            twin.agents.add(self.headers["User-Agent"])
            mood = twin.moods.pop(0) if twin.moods else None
            if mood == "silent":
                time.sleep(1.5)
            status = {"busy": 429, "broken": 500}.get(mood or "", 200)
            if mood == "denied" and at.path == "/search":
                status = 403
            sent = (
                b"<html>"
                if mood == "garbled"
                else json.dumps(twin.body(at.path, street, mood)).encode()
            )
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "90")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.end_headers()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(sent)  # whoever asked may have gone

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    twin.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield twin
    finally:
        server.shutdown()
        server.server_close()
