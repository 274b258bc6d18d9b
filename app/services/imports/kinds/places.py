"""The address in a row: a site as a person would write it, and where its postal code puts it."""

from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.core.errors import Invalid
from app.core.geo import Place
from app.services.imports.kinds.base import Reading
from app.services.placing import look_up
from app.services.sites import SiteDraft

NOBODY = UUID(int=0)
"""Stands for the site's customer, who is found later."""
SITE_FIELDS = {
    "site_name": "name",
    "street": "street",
    "unit": "unit",
    "city": "city",
    "region": "region",
    "postal_code": "postal_code",
    "country": "country",
    "access_notes": "access_notes",
    "gate_code": "gate_code",
    "time_zone": "time_zone",
    "latitude": "latitude",
    "longitude": "longitude",
}
CALLED = {ours: (theirs,) for theirs, ours in SITE_FIELDS.items()} | {
    "external_key": ("external_id",)
}
WHERE = ("street", "city", "postal_code")
"""A row that says one of these speaks of a place."""
COUNTRIES = {"usa", "u.s.a.", "u.s.", "united states", "united states of america"}


async def read_site(
    values: dict[str, str], reading: Reading, *, keyed: bool = True
) -> tuple[dict[str, Any] | None, Place | None]:
    """The site that a row speaks of, checked as a person's would be; None when it speaks of none.

    `keyed` says that the row's key is the site's own. Mistakes go to `reading`.
    """
    if not any(name in values for name in WHERE):
        return None, None
    given = {ours: values[theirs] for theirs, ours in SITE_FIELDS.items() if theirs in values}
    if keyed and "external_id" in values:
        given["external_key"] = values["external_id"]
    if given.get("country", "").casefold() in COUNTRIES:
        given["country"] = "US"
    try:
        draft = SiteDraft.model_validate({"customer_id": NOBODY, **given})
        place = await look_up(draft.postal_code, draft.country)
    except ValidationError as error:
        reading.explain(error, CALLED, thing="A site")
        return None, None
    except Invalid as error:
        reading.refuse(error.errors[0].code, error.detail, "postal_code")
        return None, None
    if place is None:
        reason = f"Places in {draft.country} are not known here: add this customer by hand."
        reading.refuse("unknown_country", reason, "country")
        return None, None
    return draft.model_dump(include=set(given)) | {"postal_code": place.postal_code}, place
