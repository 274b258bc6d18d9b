"""What a connection of our own ends with when the other side is gone."""

import asyncpg

LOST = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # killed between two messages of one exchange, the client loses its place in the conversation
    asyncpg.InternalClientError,
)
"""Whoever lives on one connection connects anew after any of these."""
