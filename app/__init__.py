"""Truckroll: one Python service, one PostgreSQL; see docs/map.md for the house in one page."""
