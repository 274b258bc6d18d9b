"""A world on a database of its own, and a second one that shares nothing with it."""

from tests.support.worlds import admin, database, ours, server, victim

__all__ = ["admin", "database", "ours", "server", "victim"]
