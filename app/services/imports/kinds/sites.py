"""Sites: where the work is done, and whose they are.

A row names its customer. A site that is here already is found by its key or by its address, and gets
the customer as a further party when they have nothing to do with it yet. A new one at an address where
one is known is taken and named.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from sqlalchemy.orm import selectinload

from app.models.imports import ImportKind
from app.models.permissions import Permission
from app.models.sites import PartyRole, Site, SiteParty
from app.services import sites
from app.services.context import Ctx
from app.services.imports.duplicates import Candidate, plain_street
from app.services.imports.houses import house, sites_at
from app.services.imports.kinds import values as cells
from app.services.imports.kinds.base import (
    Field,
    Hand,
    Issue,
    Key,
    Kind,
    Reading,
    Settings,
    Taken,
    Touches,
    Want,
)
from app.services.imports.kinds.places import read_site
from app.services.imports.kinds.related import RelatedHand
from app.services.imports.kinds.relations import CUSTOMER, Where, read_whom
from app.services.sites import NewParty, PartyDraft, SiteDraft, SitePatch

FIELDS = (
    Field(
        "external_id",
        "Its key in the other system",
        ("Location ID", "Site ID", "Property ID", "Service Location ID", "Location Number",
         "External ID", "ID", "Ref", "Reference"),
    ),
    *CUSTOMER,
    Field(
        "role",
        "What the customer is there: owner, tenant or manager",
        ("Role", "Party Role", "Relationship"),
    ),
    Field(
        "site_name",
        "Name of the site",
        ("Location Name", "Site Name", "Property Name", "Site", "Location", "Property", "Building",
         "Building Name", "Name"),
    ),
    Field(
        "street",
        "Street",
        ("Service Street", "Service Street 1", "Street", "Street Address", "Property Street",
         "Property Street 1", "Location Street", "Site Address", "Service Address",
         "Property Address", "Location Address", "Address Line 1", "Address 1", "Street 1",
         "Address"),
    ),
    Field(
        "unit",
        "Unit, apartment or suite",
        ("Unit", "Service Street 2", "Street Line 2", "Property Street 2", "Location Unit",
         "Address Line 2", "Address 2", "Street 2", "Apt", "Suite"),
    ),
    Field(
        "city",
        "City",
        ("Service City", "City", "Property City", "Location City", "Site City", "Town"),
    ),
    Field(
        "region",
        "State",
        ("Service State", "Service Province", "State", "Province", "Property State",
         "Property Province", "Location State", "Site State", "State Province", "Region"),
    ),
    Field(
        "postal_code",
        "ZIP code",
        ("Service ZIP Code", "Service ZIP", "ZIP", "ZIP Code", "Postal Code", "Property ZIP",
         "Property ZIP Code", "Location ZIP", "Location ZIP Code", "Site ZIP", "Postcode",
         "ZIP Postal Code", "Service Postal Code"),
    ),
    Field(
        "country",
        "Country",
        ("Service Country", "Country", "Property Country", "Location Country", "Country Code"),
    ),
    Field(
        "access_notes",
        "How to get in",
        ("Access Notes", "Access Instructions", "Entry Instructions", "Location Notes",
         "Property Notes", "Site Notes", "Directions", "Notes"),
    ),
    Field(
        "gate_code",
        "The code of the gate or door",
        ("Gate Code", "Access Code", "Entry Code", "Door Code", "Lockbox Code"),
    ),
    Field("time_zone", "Time zone, such as America/Chicago", ("Time Zone", "Timezone")),
    Field("latitude", "Latitude", ("Latitude", "Lat")),
    Field("longitude", "Longitude", ("Longitude", "Lng", "Long", "Lon")),
    Field("tags", "Tags, separated by commas", ("Tags", "Location Tags", "Property Tags", "Labels")),
)  # fmt: skip
ADDRESS = "address"


class SitesHand(RelatedHand):
    """Takes sites and says whose they are."""

    needs_customer: ClassVar[bool] = True
    locks: ClassVar[bool] = False

    async def present(self, ctx: Ctx, rows: Sequence[Taken]) -> dict[str, list[Any]]:
        if self.key is None or self.key.name != ADDRESS:
            return await super().present(ctx, rows)
        houses = [house(row.record["postal_code"], row.record["street"]) for row in rows]
        keys = {row.key for row in rows}
        found: dict[str, list[Any]] = {}
        for site in await ctx.session.scalars(
            ctx.select(Site, deleted=True)
            .where(Site.id.in_(await sites_at(ctx, houses, deleted=True)))
            .order_by(Site.id)
            .options(*self.kind.options)
            .with_for_update(key_share=True, of=Site)
            .execution_options(populate_existing=True)
        ):
            key = address_key(site.postal_code, site.street, site.unit)
            if key in keys:
                found.setdefault(key, []).append(site)
        # a deleted one does not stand in the way of the one that is there now
        return {
            key: [site for site in sites if site.deleted_at is None] or sites
            for key, sites in found.items()
        }

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        for row in rows:
            row.beside["site"] = Where(
                street=row.record["street"],
                unit=row.record.get("unit"),
                postal_code=row.record["postal_code"],
            )
        return await super().meet(ctx, rows, present)

    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        party = PartyDraft(customer_id=self.customer[row.row].id, **row.beside["party"])
        known = self.places.at(row.beside["site"])
        site = await sites.create(ctx, SiteDraft(parties=[party], **row.record))
        touches.made(row, site)
        return site, [self._resembles(row, known[0])] if known else []

    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        patch = SitePatch(**row.record)
        moved = await touches.changed(row, record, sites.change(ctx, record, patch))
        customer = self.customer.get(row.row)
        if customer is None:
            return moved
        role = row.beside["party"].get("role")
        theirs = [
            party
            for party in record.parties
            if party.ends_on is None
            and party.customer_id == customer.id
            and role in (None, party.role)
        ]
        if theirs:
            return moved
        wish = NewParty(customer_id=customer.id, **row.beside["party"])
        await sites.add_party(ctx, record, wish)
        await ctx.session.flush()
        touches.noted(row, record, {"party_of": str(customer.id), "party_role": wish.role.value})
        return True

    @staticmethod
    def _resembles(row: Taken, known: Site) -> Issue:
        return Issue(
            row.row,
            row.line,
            None,
            "likely_duplicate",
            f"There is a site at {known.address} already. Import by address to bring it up to date.",
            severity="duplicate",
            entity="sites",
            record_id=known.id,
        )


def address_key(postal_code: str, street: str, unit: str | None) -> str:
    """What two spellings of one address have in common."""
    return f"{postal_code} {plain_street(Candidate(street=street, unit=unit or ''))}"


class SitesKind(Kind):
    """Where the work is."""

    name: ClassVar[ImportKind] = ImportKind.sites
    model = Site
    called: ClassVar[str] = "site"
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    keys: ClassVar[tuple[Key, ...]] = (
        Key("external_id", ("external_id",), "external_key"),
        Key(ADDRESS, ("street", "postal_code")),
    )
    exported: ClassVar[Mapping[str, str | None]] = {
        "external_key": "external_id",
        # most follow from the postal code; said in a file, they would be somebody's own
        "latitude": None,
        "longitude": None,
    }
    wants: ClassVar[tuple[Want, ...]] = (
        Want(
            ("street",),
            "No column holds the sites' streets. Say which one does, in `mapping`.",
        ),
        Want(
            ("postal_code",),
            "No column holds the sites' ZIP codes. Say which one does, in `mapping`.",
        ),
    )
    needs: ClassVar[tuple[Permission, ...]] = (Permission.sites_write,)
    reads: ClassVar[tuple[Permission, ...]] = (Permission.sites_read,)
    options: ClassVar[tuple[Any, ...]] = (
        selectinload(Site.parties).joinedload(SiteParty.customer),
    )
    hand: ClassVar[type[Hand]] = SitesHand

    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        whom = read_whom(values, reading)
        party: dict[str, Any] = {}
        with reading.of("role"):
            if "role" in values:
                roles = {role.value: role for role in PartyRole}
                party["role"] = cells.choice(values["role"], roles, "role")
        if "street" not in values or "postal_code" not in values:
            for target in ("street", "postal_code"):
                if target not in values:
                    word = "street" if target == "street" else "ZIP code"
                    reading.refuse("missing", f"The {word} is missing. A site needs one.", target)
            return {}, {}
        site, _ = await read_site(values, reading)
        return site or {}, {"customer": whom, "party": party}

    def key_of(self, key: Key, record: Mapping[str, Any], beside: Mapping[str, Any]) -> str | None:
        if key.name != ADDRESS:
            return super().key_of(key, record, beside)
        return address_key(record["postal_code"], record["street"], record.get("unit"))
