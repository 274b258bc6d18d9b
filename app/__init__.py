"""Truckroll: one Python service, one PostgreSQL; see docs/map.md for the house in one page."""

__version__ = "0.1.0"
