"""`./run doctor`: the configuration doctor on the command line, for one organisation or for each.

It reads as the system, which sees everything, and changes nothing but a schema that is behind. What it
says goes to standard output; everything else to standard error, so that `--json` can be piped.
"""

import argparse
import asyncio
import sys
from contextlib import redirect_stdout
from uuid import UUID

import orjson

from app.config import Settings
from app.core.db import Scope, Sessions, make_engine
from app.core.errors import Refusal
from app.installation import Installation, NotReadyError, opened
from app.process import make_tools
from app.services.doctor import Examined, Severity, examine
from app.services.doctor.findings import LOOKED_AT
from app.services.identity.acting import act_for, organisation_slugs

MARKS = {Severity.error: "✗", Severity.warning: "!", Severity.info: "·"}


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """Examine, print, and answer 1 where anything severe was found, else 0."""
    with redirect_stdout(sys.stderr), opened(settings) as installation:
        try:
            found = asyncio.run(_examined(installation, asked))
        except Refusal as refusal:
            raise NotReadyError(refusal.detail) from refusal
    if asked.json:
        from app.api.v2.doctor import DoctorOut, as_data  # two seconds, for whoever wants it so

        told = {
            slug: DoctorOut.model_validate(as_data(one)).model_dump(mode="json")
            for slug, one in found.items()
        }
        sys.stdout.buffer.write(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    else:
        sys.stdout.write(
            "\n".join(line for slug, one in found.items() for line in _said(slug, one))
        )
        sys.stdout.write("\n")
    return 1 if any(one.total(Severity.error) for one in found.values()) else 0


async def _examined(installation: Installation, asked: argparse.Namespace) -> dict[str, Examined]:
    engine = make_engine(installation.app_url, pool_size=1)
    tools = make_tools(installation.settings, installation.secret_key, engine)
    sessions = Sessions(engine, tools=tools)
    try:
        slugs = await organisation_slugs(engine)
        if asked.org is not None:
            slugs = {id: slug for id, slug in slugs.items() if slug == asked.org}
            if not slugs:
                raise NotReadyError(f"There is no organisation called “{asked.org}”.")
        return {slug: await _one(sessions, id, asked) for id, slug in slugs.items()}
    finally:
        await engine.dispose()


async def _one(sessions: Sessions, org_id: UUID, asked: argparse.Namespace) -> Examined:
    async with sessions.open(Scope(org_id, source="doctor")) as session:
        ctx = await act_for(session, None)
        return await examine(ctx, only=asked.detector, most=asked.most)


def _said(slug: str, found: Examined) -> list[str]:
    """As one reads it to somebody on the telephone."""
    counts = ", ".join(f"{found.total(one)} {one.value}" for one in Severity if found.total(one))
    lines = [f"{slug}: {counts or 'nothing is wrong'} ({found.asked} detectors asked)"]
    for diagnosis in found.diagnoses:
        detector, what = diagnosis.detector, diagnosis.found
        lines.append(f"\n  {MARKS[detector.severity]} {detector.means} [{detector.code}]")
        for finding in what.findings:
            lines += [f"      {finding.says}", f"        → {finding.fix.words}"]
        if more := what.total - len(what.findings):
            lines.append(f"      … and {more:,} more")
        if not what.whole:
            lines.append(f"      Only the first {LOOKED_AT:,} were looked at; there may be more.")
    return [*lines, ""]
