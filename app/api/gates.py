"""How a gate is shown: what is asked for, and what is still missing."""

from app.api.outputs import Out
from app.models.gates import Before, Need


class RequirementOut(Out):
    """So many of what, before which verb."""

    before: Before
    need: Need
    at_least: int


class MissingOut(Out):
    """What is not there yet, and before which verb it must be."""

    before: Before
    pointer: str
    code: str
    detail: str
