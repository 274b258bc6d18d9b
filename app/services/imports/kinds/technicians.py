"""Technicians: the people who roll. Skills are named as the organisation names them."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import ValidationError
from sqlalchemy.orm import selectinload

from app.models.imports import ImportKind
from app.models.permissions import Permission
from app.models.skills import Skill
from app.models.technicians import Technician
from app.services import technicians
from app.services.context import Ctx
from app.services.imports.kinds import values as cells
from app.services.imports.kinds.base import (
    Field,
    Hand,
    Issue,
    Key,
    Kind,
    Reading,
    Refused,
    Settings,
    Taken,
    Touches,
    Want,
)
from app.services.skills import HeldSkill
from app.services.technicians import TechnicianDraft, TechnicianPatch

FIELDS = (
    Field(
        "external_id",
        "Their key in the other system",
        ("Technician ID", "Employee ID", "User ID", "Team Member ID", "External ID",
         "External Key", "Employee Number", "ID", "Ref"),
    ),
    Field(
        "name",
        "Name",
        ("Technician Name", "Technician", "Employee Name", "Team Member", "Employee", "Full Name",
         "Name", "User", "User Name"),
    ),
    Field("first_name", "First name", ("First Name", "Given Name")),
    Field("last_name", "Last name", ("Last Name", "Surname", "Family Name")),
    Field(
        "phone",
        "Phone",
        ("Phone", "Mobile", "Mobile Phone", "Mobile Number", "Phone Number", "Cell", "Cell Phone"),
    ),
    Field("color", "Colour on the board, such as #3b82f6", ("Color", "Colour", "Calendar Color")),
    Field("time_zone", "Time zone, such as America/Chicago", ("Time Zone", "Timezone")),
    Field("active", "Whether they take on work", ("Active", "Is Active", "Status", "Enabled")),
    Field("skills", "Their skills, separated by commas", ("Skills", "Skill", "Certifications")),
)  # fmt: skip
CALLED = {
    "external_key": ("external_id",),
    "name": ("name", "first_name", "last_name"),
}
PLAIN = ("name", "phone", "color", "time_zone")
MOST_SKILLS = 1000


class TechniciansHand(Hand):
    """Takes technicians with the skills they hold."""

    async def meet(
        self, ctx: Ctx, rows: Sequence[Taken], present: Mapping[str, Sequence[Any]]
    ) -> dict[int, Issue]:
        refused: dict[int, Issue] = {}
        self._skills: dict[int, list[HeldSkill]] = {}
        if not any("skills" in row.beside for row in rows):
            return refused
        known = {
            skill.name.casefold(): skill
            for skill in await ctx.session.scalars(ctx.select(Skill).limit(MOST_SKILLS))
        }
        for row in rows:
            names = row.beside.get("skills", [])
            unknown = [name for name in names if name.casefold() not in known]
            if unknown:
                reason = f"There is no skill “{unknown[0]}”. Add it first, or leave it out."
                refused[row.row] = row.issue(Refused("no_skill", reason, "skills"))
            else:
                found = [known[name.casefold()].id for name in names]
                self._skills[row.row] = [HeldSkill(skill_id=id) for id in found]
        return refused

    def _given(self, row: Taken) -> dict[str, Any]:
        skills = self._skills.get(row.row)
        return row.record | ({"skills": skills} if skills else {})

    async def create(self, ctx: Ctx, row: Taken, touches: Touches) -> tuple[Any, list[Issue]]:
        made = await technicians.create(ctx, TechnicianDraft(**self._given(row)))
        touches.made(row, made)
        return made, []

    async def change(self, ctx: Ctx, row: Taken, record: Any, touches: Touches) -> bool:
        given = dict(row.record)
        lacking = [
            skill
            for skill in self._skills.get(row.row, [])
            if skill.skill_id not in {held.skill_id for held in record.skills}
        ]
        if lacking:
            held = [HeldSkill.model_validate(one, from_attributes=True) for one in record.skills]
            given["skills"] = [*held, *lacking]
        patch = TechnicianPatch(**given)
        verb = technicians.change(ctx, record, patch)
        moved = await touches.changed(row, record, verb)
        if lacking:
            skilled = [str(skill.skill_id) for skill in lacking]
            touches.noted(row, record, {"skilled": skilled})
        return moved or bool(lacking)


class TechniciansKind(Kind):
    """Who rolls."""

    name: ClassVar[ImportKind] = ImportKind.technicians
    model = Technician
    called: ClassVar[str] = "technician"
    fields: ClassVar[tuple[Field, ...]] = FIELDS
    keys: ClassVar[tuple[Key, ...]] = (
        Key("external_id", ("external_id",), "external_key"),
        Key("name", ("name",), "name"),
        Key("phone", ("phone",), "phone"),
    )
    wants: ClassVar[tuple[Want, ...]] = (
        Want(
            ("name", "first_name", "last_name"),
            "No column holds the technicians' names. Say which one does, in `mapping`.",
        ),
    )
    needs: ClassVar[tuple[Permission, ...]] = (Permission.technicians_write,)
    reads: ClassVar[tuple[Permission, ...]] = (Permission.technicians_read,)
    options: ClassVar[tuple[Any, ...]] = (selectinload(Technician.skills),)
    hand: ClassVar[type[Hand]] = TechniciansHand
    together: ClassVar[bool] = False

    def prepare(self, values: dict[str, str]) -> dict[str, str]:
        return cells.whole_name(values)

    async def understand(
        self, values: dict[str, str], reading: Reading, settings: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        given: dict[str, Any] = {name: values[name] for name in PLAIN if name in values}
        if "external_id" in values:
            given["external_key"] = values["external_id"]
        if "name" not in given:
            reason = "The name is missing. Every technician needs one."
            reading.refuse("missing", reason, *CALLED["name"])
            given["name"] = "—"  # so that the other cells are looked at too
        with reading.of("active"):
            if "active" in values:
                given["active"] = cells.yes(values["active"])
        beside: dict[str, Any] = {}
        if "skills" in values:
            beside["skills"] = cells.several(values["skills"])
        try:
            draft = TechnicianDraft(**given)
        except ValidationError as error:
            reading.explain(error, CALLED, thing="A technician")
            return {}, {}
        return draft.model_dump(include=set(given)), beside
