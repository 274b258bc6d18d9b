"""Notices between processes by way of Redis: PUBLISH and SUBSCRIBE, nothing is stored there.

Each installation has channels of its own by the number at the end of its `REDIS_URL`, for Redis itself
does not keep the channels of its databases apart.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from redis.asyncio import Redis as Client
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.bus import PATIENCE, Heard, Say


class Redis:
    """A `core.bus.Bus`. A lost line is ours to tell, so the client does not mend it in silence."""

    def __init__(self, url: str, *, patience: float = PATIENCE) -> None:
        """`url` as `redis://user:password@host:6379/0`, or `rediss://` over TLS. Raises ValueError."""
        self._url, self._patience = url, patience
        self._own = f":{self._client().connection_pool.connection_kwargs.get('db', 0)}"

    @asynccontextmanager
    async def speaking(self) -> AsyncIterator[Say]:
        """A connection that publishes."""
        client = self._client()

        async def say(notices: Sequence[tuple[str, str]]) -> None:
            try:
                async with client.pipeline(transaction=False) as said:
                    for channel, payload in notices:
                        said.publish(channel + self._own, payload)
                    await said.execute()
            except RedisError as error:
                raise ConnectionError(f"Redis does not take what is said: {error}") from error

        try:
            yield say
        finally:
            await client.aclose()

    async def hear(self, heard: Heard, back: Callable[[], None], stop: asyncio.Event) -> None:
        """A connection that has subscribed."""
        client = self._client()
        reading = asyncio.create_task(self._read(client, heard, back))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((reading, stopped), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
        except RedisError as error:
            raise ConnectionError(f"Redis is not heard: {error}") from error
        finally:
            reading.cancel()
            stopped.cancel()
            await asyncio.gather(reading, stopped, return_exceptions=True)
            await client.aclose()

    async def _read(self, client: Client, heard: Heard, back: Callable[[], None]) -> None:
        ours = {channel + self._own: take for channel, take in heard.items()}
        async with client.pubsub() as line:
            await line.subscribe(*ours)
            for _ in ours:
                await self._next(line)
            back()
            while True:
                message = await self._next(line)
                if message["type"] == "message":
                    ours[message["channel"]](message["data"])

    async def _next(self, line: PubSub) -> dict[str, Any]:
        """The next message. Where nothing comes and a question is not answered, nobody is there."""
        for _ in range(2):
            if message := await line.get_message(timeout=self._patience):
                return dict(message)
            await line.ping()
        raise ConnectionError("Redis is silent")

    def _client(self) -> Client:
        client: Client = Client.from_url(
            self._url,
            decode_responses=True,
            encoding_errors="replace",  # others may say bytes: those are for whoever reads to refuse
            protocol=2,
            socket_timeout=self._patience,
            socket_connect_timeout=self._patience,
            retry=Retry(NoBackoff(), 0),
        )
        return client
