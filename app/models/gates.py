"""The gate: what must be there before work moves on, declared by the organisation or a job type.

Required steps of the checklist always stand before completing a work order. Everything else is a
requirement: before which verb, what, and how many.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Before(StrEnum):
    """The verbs that a gate stands before."""

    visit_complete = "visit.complete"
    work_order_complete = "work_order.complete"
    work_order_approve = "work_order.approve"


class Need(StrEnum):
    """What can be asked for. A reading is a required step of the kind `number`."""

    required_steps = "required_steps"
    every_step = "every_step"
    notes = "notes"
    attachments = "attachments"
    photos = "photos"
    signatures = "signatures"


@dataclass(frozen=True)
class Requirement:
    """So many of what, before which verb."""

    before: Before
    need: Need
    at_least: int = 1


ALWAYS = (Requirement(Before.work_order_complete, Need.required_steps),)
"""Stands before every work order's completion, whatever is declared."""


def read(declared: list[dict[str, Any]]) -> tuple[Requirement, ...]:
    """The stored form as requirements."""
    return tuple(
        Requirement(Before(one["before"]), Need(one["need"]), one["at_least"]) for one in declared
    )
