"""Asking every detector, or some, about one organisation."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from app.core.errors import Forbidden, invalid_field
from app.services.context import Ctx
from app.services.doctor.findings import (
    DETECTORS,
    Detector,
    Finding,
    Found,
    Look,
    Severity,
    zone_or_utc,
)


@dataclass(frozen=True)
class Diagnosis:
    """What one detector has found."""

    detector: Detector
    found: Found


@dataclass(frozen=True)
class Examined:
    """What is wrong, the worst first; and what was not asked."""

    at: datetime
    diagnoses: list[Diagnosis]
    asked: int
    left_out: list[str]
    """Detectors whose findings this person may not see."""

    def total(self, severity: Severity) -> int:
        """How many findings there are of a severity."""
        return sum(one.found.total for one in self.diagnoses if one.detector.severity is severity)


async def examine(
    ctx: Ctx,
    *,
    only: Collection[str] = (),
    severities: Collection[Severity] = (),
    most: int = 20,
) -> Examined:
    """Ask the detectors, or those of `only` and of these severities; `most` findings of each are told,
    the others counted.

    Raises `Forbidden` for whoever does not see everything, `Invalid` for a detector nobody knows.
    """
    if not ctx.sees_all:
        raise Forbidden(
            "The doctor looks at the whole organisation: only somebody whose role sees everything"
            " may ask.",
            code="sees_too_little",
        )
    if unknown := sorted(set(only) - DETECTORS.keys()):
        raise invalid_field(
            "detector",
            f"There is no detector “{unknown[0][:60]}”. docs/doctor.md names them all.",
            code="unknown",
        )
    look = Look(ctx, most, zone_or_utc((await ctx.organisation()).time_zone))
    wanted = [
        one
        for one in DETECTORS.values()
        if (not only or one.code in only) and (not severities or one.severity in severities)
    ]
    may = [one for one in wanted if all(ctx.may(needed) for needed in one.needs)]
    order = list(Severity)
    told = [
        Diagnosis(one, replace(found, findings=[_for(ctx, each) for each in found.findings]))
        for one in sorted(may, key=lambda one: order.index(one.severity))
        if (found := await one.detect(look)).total or not found.whole
    ]
    return Examined(look.now, told, len(may), [one.code for one in wanted if one not in may])


def _for(ctx: Ctx, finding: Finding) -> Finding:
    """Only offer somebody the request that they may send."""
    request = finding.fix.request
    if request is None or ctx.may(request.permission):
        return finding
    return replace(finding, fix=replace(finding.fix, request=None))
