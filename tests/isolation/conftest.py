"""Two worlds on one database: ours, whose owner asks, and the victim's, whose ids are asked for."""

from tests.support.worlds import admin, database, ours, server, victim

__all__ = ["admin", "database", "ours", "server", "victim"]
