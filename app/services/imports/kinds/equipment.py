"""Equipment: what is serviced at a site.

A row names its site, by key, by address, or as the customer's only one. A piece that is here already
and stands elsewhere by the file is moved, as a person would move it.
"""

from dataclasses import replace
from typing import Any, ClassVar

from pydantic import ValidationError

from app.models.equipment import Equipment
from app.models.imports import ImportKind
from app.models.permissions import Permission
from app.services import equipment
from app.services.context import Ctx
from app.services.equipment import EquipmentDraft, EquipmentPatch, Relocation
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
from app.services.imports.kinds.places import NOBODY
from app.services.imports.kinds.related import RelatedHand
from app.services.imports.kinds.relations import CUSTOMER, PLACE, read_where, read_whom

FIELDS = (
    Field(
        "external_id",
        "Its key in the other system",
        ("Equipment ID", "Asset ID", "Installed Equipment ID", "External ID", "External Key",
         "Asset Number", "Equipment Number", "Tag Number", "ID", "Ref"),
    ),
    Field(
        "type",
        "What it is: septic tank, furnace, water heater",
        ("Equipment Type", "Type", "Equipment", "Equipment Name", "Asset Type", "Asset",
         "Asset Name", "Category", "Item", "Name"),
    ),
    Field("make", "Who made it", ("Manufacturer", "Make", "Brand", "Vendor")),
    Field("model", "Model", ("Model", "Model Number", "Model No", "Model #")),
    Field("serial", "Serial number", ("Serial Number", "Serial", "Serial No", "Serial #", "SN")),
    Field(
        "location",
        "Where on the site",
        ("Position", "Location on Site", "Placement", "Area", "Room", "Equipment Location"),
    ),
    Field(
        "installed_on",
        "Since when it is there",
        ("Installed On", "Install Date", "Installed", "Installation Date", "Date Installed",
         "Installed Date"),
    ),
    Field(
        "warranty_until",
        "Until when it is under warranty",
        ("Manufacturer Warranty End", "Warranty Until", "Warranty Expiration",
         "Warranty Expires", "Warranty End", "Warranty End Date", "Warranty Expiration Date",
         "Service Provider Warranty End"),
    ),
    Field("notes", "Notes", ("Memo", "Notes", "Equipment Notes", "Description", "Comments")),
    *CUSTOMER,
    # a heading “Location” is where on the site it stands
    *(replace(field, aliases=tuple(a for a in field.aliases if a != "Location")) for field in PLACE),
    Field("tags", "Tags, separated by commas", ("Tags", "Equipment Tags", "Labels")),
)  # fmt: skip
CALLED = {"external_key": ("external_id",)}
PLAIN = ("type", "make", "model", "serial", "location", "notes")


class EquipmentHand(RelatedHand):
    """Takes pieces of equipment to their sites."""

    needs_site: ClassVar[bool] = True

    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        site = self.site[row.row]
        piece = await equipment.create(ctx, EquipmentDraft(site_id=site.id, **row.record))
        touches.made(row, piece)
        return piece, []

    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        site = self.site.get(row.row)
        moved = False
        if site is not None and site.id != record.site_id:
            there = Relocation(site_id=site.id, location=row.record.get("location"))
            moved = await touches.changed(row, record, equipment.move(ctx, record, there))
        patch = EquipmentPatch(**row.record)
        return await touches.changed(row, record, equipment.change(ctx, record, patch)) or moved


class EquipmentKind(Kind):
    """What is serviced."""

    name: ClassVar[ImportKind] = ImportKind.equipment
    model = Equipment
    called: ClassVar[str] = "piece of equipment"
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    keys: ClassVar[tuple[Key, ...]] = (
        Key("external_id", ("external_id",), "external_key"),
        Key("serial", ("serial",), "serial"),
    )
    wants: ClassVar[tuple[Want, ...]] = (
        Want(
            ("type",),
            "No column says what kind of equipment it is. Map one to type, in `mapping`.",
        ),
        Want(
            tuple(field.name for field in (*PLACE, *CUSTOMER)),
            "No column says where the equipment stands. Map its site or customer.",
        ),
    )
    needs: ClassVar[tuple[Permission, ...]] = (Permission.equipment_write,)
    reads: ClassVar[tuple[Permission, ...]] = (Permission.equipment_read,)
    hand: ClassVar[type[Hand]] = EquipmentHand

    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        given: dict[str, Any] = {name: values[name] for name in PLAIN if name in values}
        if "external_id" in values:
            given["external_key"] = values["external_id"]
        for name in ("installed_on", "warranty_until"):
            with reading.of(name):
                if name in values:
                    given[name] = cells.day(values[name], settings)
        installed, until = given.get("installed_on"), given.get("warranty_until")
        if installed is not None and until is not None and until < installed:
            reason = "The warranty ends before the equipment was installed."
            reading.refuse("dates", reason, "warranty_until")
        beside = {"customer": read_whom(values, reading), "site": read_where(values)}
        try:
            draft = EquipmentDraft(site_id=NOBODY, **given)
        except ValidationError as error:
            reading.explain(error, CALLED, thing="A piece of equipment")
            return {}, {}
        return draft.model_dump(include=set(given)), beside
