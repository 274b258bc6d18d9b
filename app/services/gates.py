"""Gates as people write them, in the organisation's settings and in job types."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from app.models.gates import Before, Need
from app.services.inputs import Draft


class RequirementDraft(Draft):
    """What must be there before a verb."""

    before: Before
    need: Need
    at_least: int = Field(1, ge=1, le=20, strict=True, description="How many, of what is counted.")


Gate = Annotated[list[RequirementDraft], Field(max_length=20)]


def stored(gate: Sequence[RequirementDraft]) -> list[dict[str, Any]]:
    """As it is kept."""
    return [one.model_dump(mode="json") for one in gate]
