"""Flags: seeing and setting what one organisation does differently (`models.flags`)."""

from pydantic import Field

from app.models.flags import LONGEST_KEPT, Geofence
from app.models.organisations import OrganisationSettings
from app.services.context import Ctx
from app.services.facts import Fact, emit
from app.services.inputs import Patch


class FlagsPatch(Patch):
    """Flags to set; null puts one back to its default."""

    largest_upload_mb: int | None = Field(None, ge=1, le=25, strict=True)
    attachments_shown_to_customers: bool | None = Field(None, strict=True)
    geofence: Geofence | None = None
    geofence_metres: int | None = Field(None, ge=75, le=1000, strict=True)
    positions_kept_days: int | None = Field(None, ge=1, le=LONGEST_KEPT, strict=True)


async def change(
    ctx: Ctx, organisation: OrganisationSettings, patch: FlagsPatch
) -> OrganisationSettings:
    """Set flags; `organisation` is locked. What equals the default is kept too: it was said."""
    said = {**organisation.flags}
    for name, value in patch.given().items():
        if value is None:
            said.pop(name, None)
        else:
            said[name] = value
    if said != organisation.flags:
        fields = sorted(
            name.replace("_", " ")
            for name in {*said, *organisation.flags}
            if said.get(name) != organisation.flags.get(name)
        )
        organisation.flags = said
        await emit(
            ctx,
            Fact.organisation_changed,
            organisation,
            name=organisation.name,
            fields=", ".join(fields),
        )
    return organisation
