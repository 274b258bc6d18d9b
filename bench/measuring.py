"""Asking a server over eight connections, and reading from /proc what it cost."""

import asyncio
import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.setting import Setting

CONNECTIONS, ROUNDS = 8, 5


@dataclass(frozen=True)
class Server:
    """A server to ask."""

    name: str
    port: int
    prefix: str
    headers: Sequence[str]
    """What each connection sends."""
    pid: int


@dataclass(frozen=True)
class Kind:
    """One kind of request: how to ask, how many a round, and how much dearer it may be."""

    name: str
    ask: Callable[["Setting", int], tuple[str, str, bytes]]
    requests: int
    target: float = inf
    ceiling: float = inf
    beside: str = ""
    """What the bare route's address begins with, where there is more than one."""
    alike: bool = True
    """Whether both answer the same bytes."""
    held: bool = True
    """Whether the bench ends with 1 above the ceiling; otherwise it says so, and goes on."""


@dataclass(frozen=True)
class Measured:
    """Medians over the rounds, in µs of CPU a request."""

    kind: Kind
    ours: float
    bare: float
    ratio: float


def _list(setting: "Setting", _: int) -> tuple[str, str, bytes]:
    return "GET", "/work-orders?status=ready&limit=50&sort=-created_at", b""


def _get(setting: "Setting", n: int) -> tuple[str, str, bytes]:
    return "GET", f"/work-orders/{setting.ids[n % len(setting.ids)]}", b""


def _search(setting: "Setting", n: int) -> tuple[str, str, bytes]:
    return "GET", f"/search?q={setting.names[n % len(setting.names)]}&limit=20", b""


def _create(setting: "Setting", n: int) -> tuple[str, str, bytes]:
    return "POST", "/customers", json.dumps({"name": name_of(setting.next())}).encode()


def _billed(n: int) -> dict[str, str]:
    # no site of the bench has such a number
    address = {"billing_street": f"{900_000 + n} Main Street", "billing_postal_code": "66604"}
    return {"name": name_of(n), **address, "billing_city": "Topeka", "billing_region": "KS"}


def _create_billed(setting: "Setting", _: int) -> tuple[str, str, bytes]:
    return "POST", "/customers", json.dumps(_billed(setting.next())).encode()


def _create_known(setting: "Setting", _: int) -> tuple[str, str, bytes]:
    n = setting.next()
    # nobody of the bench has such a number
    told = {
        "email": f"{name_of(n).split()[0]}@example.org".lower(),
        "phone": f"+1620{2_000_000 + n}",
    }
    return "POST", "/customers", json.dumps({**_billed(n), **told}).encode()


def _create_resembling(setting: "Setting", n: int) -> tuple[str, str, bytes]:
    return (
        "POST",
        "/customers",
        json.dumps({"name": setting.people[n % len(setting.people)]}).encode(),
    )


def name_of(n: int) -> str:
    """A name that resembles no other: two words of eight letters that `n` alone decides."""
    mark = sha256(str(n).encode()).hexdigest()
    return " ".join(part.translate(LETTERS).title() for part in (mark[:8], mark[8:16]))


LETTERS = str.maketrans("0123456789abcdef", "bcdfglmnprstvaei")
KINDS = (
    Kind("get", _get, 800, target=1.4, ceiling=1.8),
    Kind("list", _list, 160, target=1.2, ceiling=1.5),
    Kind("search", _search, 480, target=1.5, ceiling=2.0),
    Kind("create", _create, 240, target=3.0, ceiling=5.0),
    Kind("create with a billing address", _create_billed, 240, target=3.0, ceiling=5.0),
    Kind("create with phone, e-mail, address", _create_known, 240, target=3.0, ceiling=5.0),
    Kind("create, beside the same function", _create, 240, beside="/alike"),
    Kind(
        "create somebody who resembles",
        _create_resembling,
        160,
        ceiling=5.0,
        alike=False,
        held=False,
    ),
)


def cpu(pids: Sequence[int]) -> dict[int, float]:
    """CPU seconds of all threads of each of these processes so far; those that ended are left out."""
    found = {}
    for pid in pids:
        try:
            threads = list(Path(f"/proc/{pid}/task").iterdir())
            used = sum(int((one / "schedstat").read_text().split()[0]) for one in threads)
        except OSError:
            continue  # a worker of PostgreSQL's own that came and went
        found[pid] = used / 1e9
    return found


def family(postmaster: int) -> list[int]:
    """A postmaster and its living children."""
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    return [postmaster, *map(int, children)]


class Refused(Exception):
    """A reply that is no success."""

    def __init__(self, head: bytes, body: bytes) -> None:
        super().__init__(head, body)
        self.busy = head.startswith(b"HTTP/1.1 503")


async def send(port: int, requests: Sequence[bytes]) -> bytes:
    """Send these one after the other on one connection; the last reply. Raises `Refused` for what is no success."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b""
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 20"):
            writer.close()
            raise Refused(head, body)
    writer.close()
    return body


def written(server: Server, place: int, method: str, path: str, body: bytes) -> bytes:
    """A request as it goes over the wire."""
    headers = server.headers[place % len(server.headers)] if server.headers else ""
    head = f"{method} {server.prefix}{path} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def measure(setting: "Setting", server: Server, kind: Kind) -> float:
    """CPU microseconds a request, over one round."""
    share = kind.requests // CONNECTIONS
    batches = [
        [written(server, c, *kind.ask(setting, c * share + n)) for n in range(share)]
        for c in range(CONNECTIONS)
    ]
    pids = [server.pid, *family(setting.postmaster)]
    before = cpu(pids)
    await asyncio.gather(*(send(server.port, batch) for batch in batches))
    used = sum(after - before[pid] for pid, after in cpu(pids).items() if pid in before)
    return used / (share * CONNECTIONS) * 1e6


async def compare(setting: "Setting", kind: Kind) -> Measured:
    """Both servers in turn; the first round warms caches and plans and is thrown away."""
    ours: list[float] = []
    bare: list[float] = []
    for round_ in range(ROUNDS + 1):
        beside = replace(setting.bare, prefix=kind.beside)
        for server, figures in ((setting.ours, ours), (beside, bare)):
            figure = await measure(setting, server, kind)
            if round_:
                figures.append(figure)
    return Measured(
        kind,
        statistics.median(ours),
        statistics.median(bare),
        statistics.median(a / b for a, b in zip(ours, bare, strict=True)),
    )


async def alone(setting: "Setting", kind: Kind, still: Kind) -> tuple[float, float]:
    """The medians of ours alone over shorter rounds, and of `still` from the bare server in turn with it."""
    kind = replace(kind, requests=kind.requests // 2)
    ours: list[float] = []
    bare: list[float] = []
    for round_ in range(ROUNDS + 1):
        for server, asked, figures in ((setting.ours, kind, ours), (setting.bare, still, bare)):
            figure = await measure(setting, server, asked)
            if round_:
                figures.append(figure)
    return statistics.median(ours), statistics.median(bare)
