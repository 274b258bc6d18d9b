"""`/api/v2/visits`: records, the board's commands, and what technicians do in the field."""

from app.api.v2.visits import board, field, rearranging, records
from app.api.v2.visits.routing import router

__all__ = ["board", "field", "rearranging", "records", "router"]
