"""Sample records: loaded into one's own organisation to look around, and removed without a trace of
them among one's own. A file each: `asking` (load, remove, how far it is), `making`, `removing`."""

from app.services.samples.asking import (
    LOAD,
    REMOVE,
    give_up,
    kept,
    load,
    present,
    remove,
)
from app.services.samples.making import make, make_step
from app.services.samples.removing import take_away

__all__ = [
    "LOAD",
    "REMOVE",
    "give_up",
    "kept",
    "load",
    "make",
    "make_step",
    "present",
    "remove",
    "take_away",
]
