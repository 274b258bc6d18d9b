"""Flags: what one organisation does differently. Typed here, kept with its settings, read by `ctx`.

A flag has a type, a default and a sentence; what is not declared here is refused. Add one together with
the line that reads it, and take both away together.
"""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Geofence(StrEnum):
    """What becomes of it when positions show that somebody came or left."""

    off = "off"
    suggest = "suggest"
    set = "set"


LONGEST_KEPT = 90
"""Days: nobody keeps positions for longer."""


class Flags(BaseModel):
    """The flags of one organisation, with their defaults where it has said nothing."""

    model_config = ConfigDict(extra="ignore", frozen=True)  # a later version may have set others

    largest_upload_mb: int = Field(
        25,
        ge=1,
        le=25,
        strict=True,
        description="The largest file that people may send, in MB.",
    )
    attachments_shown_to_customers: bool = Field(
        False,
        strict=True,
        description="Show what is attached to a record to its customer, unless whoever attaches it"
        " says otherwise.",
    )
    positions_kept_days: int = Field(
        30,
        ge=1,
        le=LONGEST_KEPT,
        strict=True,
        description="For how many days it is kept where technicians were.",
    )
    geofence: Geofence = Field(
        Geofence.off,
        description="What becomes of it when positions show that a technician came to a visit or left"
        " it: nothing (`off`), somebody is asked (`suggest`), or an arrival is set at once (`set`).",
    )
    geofence_metres: int = Field(
        150,
        ge=75,
        le=1000,
        strict=True,
        description="How far around a site somebody is taken to be there.",
    )
