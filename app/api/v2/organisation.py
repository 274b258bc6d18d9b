"""`/api/v2/organisation`: the settings of the organisation one is signed in to, and its logo."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, File, Response, UploadFile

from app.api.deps import SeenVersion, allowed
from app.api.edge import Edge, shows
from app.api.gates import RequirementOut
from app.api.outputs import Exact, Out, Record
from app.api.problems import answers
from app.api.v2.stories import tell
from app.core.money import Rounding
from app.models.flags import Flags
from app.models.organisations import LogoFormat, OrganisationSettings, RoundTaxOn
from app.models.permissions import Permission
from app.services import flags
from app.services import organisation as organisations
from app.services.context import Ctx
from app.services.flags import FlagsPatch
from app.services.organisation import OrganisationPatch

router = APIRouter(
    prefix="/api/v2/organisation",
    tags=["organisation"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.organisation_read)]
Writer = Annotated[Ctx, allowed(Permission.organisation_write)]

LOGO_TYPES = {LogoFormat.png: "image/png", LogoFormat.svg: "image/svg+xml"}


class SeriesOut(Out):
    """A number series: the next number will be `prefix` and `next`."""

    prefix: str
    next: int


class NumberingOut(Out):
    work_order: SeriesOut
    invoice: SeriesOut


class SettingsOut(Record):
    """The organisation's settings."""

    name: str
    legal_name: str | None
    time_zone: str
    currency: str
    locale: str
    country: str
    rounding: Rounding
    round_tax_on: RoundTaxOn
    tax_label: str
    tax_rate: Exact
    tax_number: str | None
    payment_terms_days: int
    working_hours: dict[str, list[tuple[str, str]]]
    street: str
    city: str
    region: str
    postal_code: str
    base_latitude: float | None
    base_longitude: float | None
    phone: str | None
    email: str | None
    website: str | None
    invoice_footer: str
    payment_instructions: str
    numbering: NumberingOut
    gate: list[RequirementOut]
    logo_format: LogoFormat | None


@shows(OrganisationSettings)
async def show(ctx: Ctx, _: UUID) -> SettingsOut:
    """The settings as this caller sees them; there is one row, the organisation's."""
    return SettingsOut.model_validate(await organisations.settings(ctx))


@router.get("", operation_id="get_organisation", summary="The organisation's settings")
async def get_organisation(ctx: Reader) -> SettingsOut:
    """What its documents say, how it counts, when it works."""
    return await organisations.settings(ctx)  # type: ignore[return-value]


@router.patch(
    "",
    operation_id="change_organisation",
    summary="Change the organisation's settings",
    responses=answers(400, 409, 412, 422, 428),
)
async def change_organisation(
    ctx: Writer, patch: OrganisationPatch, seen: SeenVersion
) -> SettingsOut:
    """Change the fields you send; null empties a field, silence leaves it. Documents that were
    issued keep what they were issued with."""
    settings = await organisations.settings(ctx, at=seen)
    return await organisations.change(ctx, settings, patch)  # type: ignore[return-value]


@router.put(
    "/logo",
    operation_id="set_logo",
    summary="Set the logo",
    responses=answers(400, 413, 415, 422),
)
async def set_logo(
    ctx: Writer, file: Annotated[UploadFile, File(description="A PNG or SVG of at most 1 MB.")]
) -> SettingsOut:
    """Print this picture on documents from now on."""
    return await organisations.set_logo(ctx, await file.read())  # type: ignore[return-value]


@router.get(
    "/logo",
    operation_id="get_logo",
    summary="The logo",
    response_class=Response,
    responses={
        200: {
            "description": "The picture.",
            "content": {kind: {} for kind in LOGO_TYPES.values()},
        },
        **answers(404),
    },
)
async def get_logo(ctx: Reader) -> Response:
    """The picture that documents print."""
    picture, kind = await organisations.logo(ctx)
    # an SVG is a document: opened by itself it must not run or fetch anything here
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"}
    return Response(picture, media_type=LOGO_TYPES[kind], headers=headers)


@router.delete(
    "/logo",
    operation_id="delete_logo",
    summary="Remove the logo",
    status_code=204,
    responses=answers(404),
)
async def delete_logo(ctx: Writer) -> Response:
    """Print no logo any more."""
    await organisations.remove_logo(ctx)
    return Response(status_code=204)


class FlagOut(Out):
    """Something that an organisation can do differently."""

    name: str
    value: bool | int | str
    default: bool | int | str
    description: str


class FlagsOut(Out):
    """All flags. `id` and `version` are those of the settings, of which they are a part."""

    id: UUID
    version: int
    data: list[FlagOut]


def _flags(organisation: OrganisationSettings) -> FlagsOut:
    said = Flags.model_validate(organisation.flags)
    data = [
        FlagOut(
            name=name,
            value=getattr(said, name),
            default=declared.default,
            description=declared.description or "",
        )
        for name, declared in Flags.model_fields.items()
    ]
    return FlagsOut(id=organisation.id, version=organisation.version, data=data)


@router.get("/flags", operation_id="get_flags", summary="What the organisation does differently")
async def get_flags(ctx: Reader) -> FlagsOut:
    """Each flag with its value here, its default and what it does."""
    return _flags(await organisations.settings(ctx))


@router.patch(
    "/flags",
    operation_id="change_flags",
    summary="Do something differently",
    responses=answers(400, 409, 412, 422, 428),
)
async def change_flags(ctx: Writer, patch: FlagsPatch, seen: SeenVersion) -> FlagsOut:
    """Set the flags you send; null puts one back to its default. What changed is in the history of
    the settings."""
    organisation = await organisations.settings(ctx, at=seen)
    return _flags(await flags.change(ctx, organisation, patch))


async def _find(ctx: Reader) -> OrganisationSettings:
    return await organisations.settings(ctx)


tell(router, OrganisationSettings, Permission.organisation_read, at="", find=_find)
