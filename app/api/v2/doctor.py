"""`/api/v2/doctor`: what is set up so that work cannot be booked, or will go wrong."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.deps import allowed
from app.api.edge import Edge
from app.api.outputs import Instant, Out
from app.api.problems import answers
from app.models.permissions import Permission
from app.services import doctor
from app.services.context import Ctx
from app.services.doctor import Examined, Severity

router = APIRouter(
    prefix="/api/v2/doctor",
    tags=["organisation"],
    route_class=Edge,
    responses=answers(401, 403),
)
Reader = Annotated[Ctx, allowed(Permission.organisation_write)]
Code = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[a-z_]+$")]


class RecordOut(Out):
    """A record that something is wrong with."""

    kind: str = Field(examples=["job_type"])
    id: UUID
    name: str
    day: date | None = Field(
        description="The day, on your organisation's clock, on whose board a visit or an event stands;"
        " null where it stands on none, and for any other record."
    )
    work_order_id: UUID | None = Field(description="Of a visit.")


class RequestOut(Out):
    """One request that mends it, as it is to be sent."""

    method: str = Field(examples=["PATCH"])
    path: str
    body: dict[str, Any] | None
    if_match: str | None = Field(description="For the header `If-Match`, where one is needed.")


class FixOut(Out):
    words: str
    request: RequestOut | None = Field(
        description="Null where no single request mends it, and where your role may not send it."
    )


class FindingOut(Out):
    """One thing that is wrong."""

    says: str
    records: list[RecordOut]
    fix: FixOut


class DiagnosisOut(Out):
    """What one detector has found."""

    code: str = Field(examples=["skill_nobody_has"])
    severity: Severity
    means: str
    total: int = Field(description="How many findings there are; the first stand in `findings`.")
    whole: bool = Field(
        description="false: only the first 10,000 rows were looked at; there may be more."
    )
    findings: list[FindingOut]


class DoctorOut(Out):
    """One look at the organisation."""

    looked_at: Instant
    asked: int = Field(description="How many detectors were asked.")
    left_out: list[str] = Field(
        description="Detectors that were not asked, because your role may not see what they name."
    )
    errors: int
    warnings: int
    infos: int
    data: list[DiagnosisOut] = Field(description="The worst first.")


@router.get(
    "",
    operation_id="examine_organisation",
    summary="What is set up wrongly",
    responses=answers(422),
)
async def examine_organisation(
    ctx: Reader,
    detector: Annotated[
        list[Code] | None, Query(max_length=20, description="Ask only these detectors.")
    ] = None,
    severity: Annotated[
        list[Severity] | None, Query(max_length=3, description="Only findings of these severities.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Findings of each detector.")] = 20,
) -> DoctorOut:
    """What keeps work from being booked, or will go wrong: job types that need a skill nobody has,
    people of whom nobody knows when they work, promises that nobody is to keep. Each finding says what
    to do, and names the request that mends it where one does. Nothing is changed."""
    found = await doctor.examine(ctx, only=detector or (), severities=severity or (), most=limit)
    return DoctorOut.model_validate(as_data(found))


def as_data(found: Examined) -> dict[str, Any]:
    """A look as it is shown, here and by the command line."""
    return {
        "looked_at": found.at,
        "asked": found.asked,
        "left_out": found.left_out,
        "errors": found.total(Severity.error),
        "warnings": found.total(Severity.warning),
        "infos": found.total(Severity.info),
        "data": [
            {
                "code": one.detector.code,
                "severity": one.detector.severity,
                "means": one.detector.means,
                "total": one.found.total,
                "whole": one.found.whole,
                "findings": one.found.findings,
            }
            for one in found.diagnoses
        ],
    }
