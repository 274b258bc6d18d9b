"""The command line: `./run [verb …]`. Without a verb it serves.

Refusals to start are one sentence on standard error and exit code 1; a wrong command is 2.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import orjson

from app.config import Environment, Settings

Choice = TypeVar("Choice", bound=StrEnum)


def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code."""
    from app.core.guard import WrongRole
    from app.installation import NotReadyError

    parser = _parser()
    asked = parser.parse_args(_with_verb(list(arguments)))
    try:
        settings = _settings(asked)
        return int(asked.run(settings, asked) or 0)
    except (NotReadyError, WrongRole, ValueError) as error:
        print(f"truckroll: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


VERBS = (
    "serve",
    "work",
    "seed",
    "import",
    "backup",
    "restore",
    "archive",
    "doctor",
    "openapi",
    "zones",
    "support",
    "db",
)


def _with_verb(arguments: list[str]) -> list[str]:
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        return ["serve", *arguments]
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "run", description="Truckroll: a field-service company, running."
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, help="where the data lives (TRUCKROLL_DATA; .data)")
    verbs = parser.add_subparsers(title="verbs", metavar="", required=True)

    one = verbs.add_parser("serve", parents=[common], help="serve the API and work the jobs")
    one.add_argument("--port", type=int, help="PORT; 8000")
    one.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    one.add_argument("--no-work", action="store_true", help="leave jobs and journal to `work`")
    one.set_defaults(run=_serve)

    one = verbs.add_parser("work", parents=[common], help="only work the jobs")
    one.set_defaults(run=_work)

    one = verbs.add_parser("seed", parents=[common], help="build the demo in an empty database")
    one.add_argument("--seed", type=int, default=1, help="another number, another company")
    one.add_argument(
        "--scale", type=_between(1, 100), default=1, help="so many times 2,000 work orders (1)"
    )
    one.add_argument(
        "--orgs", type=_between(1, 1000), default=1, help="split over so many organisations (1)"
    )
    one.set_defaults(run=_seed)

    one = verbs.add_parser("import", parents=[common], help="read a list (CSV or XLSX)")
    one.add_argument("file", type=Path)
    one.add_argument("--org", required=True, help="the organisation's short name")
    one.add_argument("--kind", default="customers", help="what its rows are; customers")
    one.add_argument("--key", help="the field that finds a record again, or `none`")
    one.add_argument("--mapping", help='JSON from heading to field: {"Ref": "external_id"}')
    one.add_argument("--encoding", help="of a CSV file; found by itself")
    one.add_argument("--separator", help="comma, semicolon, tab or pipe; found by itself")
    one.add_argument("--sheet", help="of a workbook; the first that holds anything")
    one.add_argument(
        "--dry-run", action="store_true", help="tell what would happen, change nothing"
    )
    one.set_defaults(run=_import)

    one = verbs.add_parser("backup", parents=[common], help="copy database and files to an archive")
    one.add_argument("file", nargs="?", help="the archive; `-`: standard output; a dated name here")
    one.set_defaults(run=_backup)

    one = verbs.add_parser("restore", parents=[common], help="bring an archive back, where is none")
    one.add_argument("file", type=Path)
    one.add_argument("--org", help="bring in one organisation, the one of this short name")
    one.add_argument(
        "--replace", action="store_true", help="with --org: replace it where it is here already"
    )
    one.add_argument(
        "--discard", action="store_true", help="with --replace: do not keep what is replaced"
    )
    one.set_defaults(run=_restore)

    one = verbs.add_parser("archive", parents=[common], help="write one organisation to an archive")
    one.add_argument("file", nargs="?", type=Path, help="the archive; a dated name here")
    one.add_argument("--org", required=True, help="the organisation's short name")
    one.set_defaults(run=_archive)

    one = verbs.add_parser("doctor", parents=[common], help="find what is set up wrongly")
    one.add_argument("--org", help="only the organisation of this short name")
    one.add_argument("--detector", action="append", default=[], help="only this one; repeatable")
    one.add_argument(
        "--most", type=_between(1, 200), default=20, help="findings of each detector (20)"
    )
    one.add_argument("--json", action="store_true", help="print JSON, as the API answers")
    one.set_defaults(run=_doctor)

    one = verbs.add_parser("openapi", parents=[common], help="print the OpenAPI document")
    one.set_defaults(run=_openapi)

    one = verbs.add_parser("zones", parents=[common], help="follow new time zone data")
    one.add_argument("--org", help="one organisation, by its short name; all of them")
    one.add_argument("--dry-run", action="store_true", help="tell what differs, change nothing")
    one.set_defaults(run=_zones)

    one = verbs.add_parser("support", parents=[common], help="make a person of the support")
    one.add_argument("email")
    one.add_argument("--name", required=True)
    one.set_defaults(run=_support)

    one = verbs.add_parser("db", parents=[common], help="prepare, upgrade or extend a database")
    one.add_argument("what", choices=["prepare", "upgrade", "sql", "new"])
    one.add_argument("about", nargs="?", help="new: what the migration is about")
    one.set_defaults(run=_db)
    return parser


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(given: str) -> int:
        if not (given.isdecimal() and least <= int(given) <= most):
            raise argparse.ArgumentTypeError(f"a number from {least} to {most:,}, please")
        return int(given)

    return number


def _settings(asked: argparse.Namespace) -> Settings:
    given = {"data": asked.data, "port": getattr(asked, "port", None)}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    return settings.model_copy(update={"data": settings.data.resolve()})


def _serve(settings: Settings, asked: argparse.Namespace) -> None:
    from app.core.telemetry import set_up_logs, set_up_sentry
    from app.demo import demo_of
    from app.installation import only_one, opened
    from app.serving import listen, run

    set_up_logs(settings.log_format)
    dsn = settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else None
    set_up_sentry(dsn, settings.environment, settings.sentry_traces)
    with (
        only_one(settings.data) as leave,
        listen(settings) as listener,
        opened(settings) as installation,
    ):
        leave(listener.getsockname()[1])
        wanted = settings.environment is Environment.local and not asked.no_demo
        demo = asyncio.run(demo_of(installation, make=wanted))
        asyncio.run(run(installation, listener, demo, work=not asked.no_work))


def _work(settings: Settings, _: argparse.Namespace) -> None:
    from app.core.telemetry import set_up_logs, set_up_sentry
    from app.installation import opened
    from app.serving import run

    set_up_logs(settings.log_format)
    dsn = settings.sentry_dsn.get_secret_value() if settings.sentry_dsn else None
    set_up_sentry(dsn, settings.environment, settings.sentry_traces)
    with opened(settings) as installation:
        asyncio.run(run(installation, None, ()))


def _seed(settings: Settings, asked: argparse.Namespace) -> None:
    from app.demo import demo_of
    from app.installation import opened

    if asked.scale > 1 or asked.orgs > 1:
        _seed_large(settings, asked)
        return
    with opened(settings) as installation:
        demo = asyncio.run(demo_of(installation, make=True, seed=asked.seed))
        for one in demo:
            print(f"{one.org:<12} {one.role:<12} {one.email:<36} {one.password}")


def _seed_large(settings: Settings, asked: argparse.Namespace) -> None:
    from time import perf_counter

    from app.demo import demo_of
    from app.demo.scale import demo_at
    from app.installation import HalfFilled, drop_half_filled, only_one, opened, say
    from app.services.usage import count_of

    with only_one(settings.data):
        try:
            with opened(settings):
                pass
        except HalfFilled:
            say("A large demo was begun here and did not end. Beginning anew…")
            drop_half_filled(settings)
        started = perf_counter()
        with opened(settings) as installation:
            filled = asyncio.run(demo_at(installation, asked.scale, asked.orgs, seed=asked.seed))
            demo = asyncio.run(demo_of(installation, make=False))
        for one in demo:
            print(f"{one.org:<12} {one.role:<12} {one.email:<36} {one.password}")
        for other in filled[1:]:
            print(f"{other.slug:<24} {other.owner:<48} {installation.demo_password}")
        made = sum(one.work_orders for one in filled)
        minutes, seconds = divmod(round(perf_counter() - started), 60)
        print(
            f"{made:,} work orders in {count_of(len(filled), 'organisation', 'organisations')}, in {minutes} min {seconds} s"
        )


def _import(settings: Settings, asked: argparse.Namespace) -> int:
    from app.core.errors import Refusal
    from app.installation import opened
    from app.models.imports import Encoding, Import, ImportKind, Separator
    from app.services.imports import ImportDraft
    from app.tasks.importing import import_into

    if not asked.file.is_file():
        raise ValueError(f"There is no file {asked.file}.")
    draft = ImportDraft(
        kind=_choice(ImportKind, asked.kind),
        filename=asked.file.name,
        mapping=orjson.loads(asked.mapping) if asked.mapping else None,
        dry_run=asked.dry_run,
        key=asked.key,
    )
    on_screen = sys.stderr.isatty()

    tenths = 0

    def told(now: Import) -> None:
        nonlocal tenths
        progress = f"{now.rows_read:,} of {now.rows_total:,} rows"
        if on_screen:
            print(f"\r{progress}", end="", file=sys.stderr, flush=True)
        elif now.rows_read * 10 // max(now.rows_total, 1) > tenths:
            tenths = now.rows_read * 10 // now.rows_total
            print(progress, file=sys.stderr, flush=True)

    with opened(settings) as installation:
        try:
            done, issues = asyncio.run(
                import_into(
                    settings,
                    installation.app_url,
                    installation.secret_key,
                    asked.org,
                    asked.file.resolve(),
                    draft,
                    encoding=_choice(Encoding, asked.encoding),
                    separator=_choice(Separator, asked.separator),
                    sheet=asked.sheet,
                    told=told,
                )
            )
        except Refusal as refusal:
            raise ValueError(refusal.detail) from refusal
        finally:
            if on_screen:
                print(file=sys.stderr)
    for issue in issues:
        where = f"row {issue.row}, {issue.column}" if issue.column else f"row {issue.row}"
        print(f"{where}: {issue.reason}")
    print(
        f"{done.rows_read} rows read: {done.rows_created} new, {done.rows_updated} changed,"
        f" {done.rows_unchanged} unchanged, {done.rows_refused} refused"
        + (" (a dry run: nothing was written)" if done.dry_run else "")
    )
    return 1 if done.rows_refused else 0


def _choice(kind: type[Choice], given: str | None) -> Choice | None:
    """One of a few words. Raises ValueError, naming them all."""
    if given is None:
        return None
    try:
        return kind(given)
    except ValueError:
        words = ", ".join(one.value for one in kind)
        raise ValueError(f"“{given}” is none of: {words}.") from None


def _backup(settings: Settings, asked: argparse.Namespace) -> None:
    from app.backup.making import backup, say
    from app.core import clock
    from app.installation import stored
    from app.postgres import StartError

    if asked.file == "-" and sys.stdout.isatty():
        raise ValueError("Standard output is a terminal: name a file, or pipe it into something.")
    to = Path(asked.file or f"truckroll-{clock.now():%Y-%m-%d-%H%M%S}.tar")
    try:
        with stored(settings) as what:
            made = backup(what, None if asked.file == "-" else to)
    except (StartError, OSError) as error:
        raise ValueError(str(error)) from error
    say(f"The backup is in {made.where}: {made.length:,} bytes.")


def _restore(settings: Settings, asked: argparse.Namespace) -> None:
    from app.backup.restoring import restore

    if not asked.file.is_file():
        raise ValueError(f"There is no file {asked.file}.")
    if (asked.replace or asked.discard) and not asked.org:
        raise ValueError("--replace is for one organisation: say which with --org.")
    try:
        if asked.org:
            _bring(settings, asked)
        else:
            restore(settings, asked.file)
    except OSError as error:  # a full disk, a folder of somebody else's
        raise ValueError(str(error)) from error


def _bring(settings: Settings, asked: argparse.Namespace) -> None:
    from app.backup.bringing import bring
    from app.backup.making import say

    done = bring(settings, asked.file, asked.org, replace=asked.replace, discard=asked.discard)
    for remark in done.remarks:
        say(remark)
    say(
        f"{done.organisation['name']} is here: {done.rows:,} rows, {done.files:,} objects of files."
    )
    say("People who are new here come in by “Forgot password”; set up second factors again.")


def _archive(settings: Settings, asked: argparse.Namespace) -> None:
    from app.backup.archiving import archive_of
    from app.backup.making import say
    from app.core import clock

    to = asked.file or Path(f"{asked.org}-{clock.now():%Y-%m-%d-%H%M%S}.tar")
    try:
        packed = archive_of(settings, asked.org, to)
    except OSError as error:
        raise ValueError(str(error)) from error
    held = packed.manifest["content"]
    rows = sum(one["rows"] for one in held["tables"].values()) + held["journal"]["rows"]
    files = held["files"]
    say(
        f"{asked.org} is in {to}: {rows:,} rows, {files['known']:,} files, {packed.length:,} bytes."
    )
    if files["missing"]:
        say(f"The content of {len(files['missing'])} files is lost; the manifest names them.")
    say(f"What it holds: {packed.content_sha256}")


def _doctor(settings: Settings, asked: argparse.Namespace) -> int:
    from app.examining import run

    return run(settings, asked)


def _openapi(settings: Settings, _: argparse.Namespace) -> None:
    from app.main import document

    sys.stdout.buffer.write(
        orjson.dumps(document(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
    )


def _zones(settings: Settings, asked: argparse.Namespace) -> int:
    from app.core.errors import Refusal
    from app.installation import opened
    from app.tasks.zones import rezone

    with opened(settings) as installation:
        try:
            found = asyncio.run(rezone(installation.app_url, asked.org, dry_run=asked.dry_run))
        except Refusal as refusal:
            raise ValueError(refusal.detail) from refusal
    left = 0
    for slug, report in found.items():
        for zone in report.unknown:
            print(f"{slug}: the time zone data has no {zone}; what is there was left alone")
        for one in report.differences:
            print(f"{slug}: {one.spoken()}")
        looked_at = ", ".join(f"{count:,} {what.many}" for what, count in report.looked_at.items())
        differ = len(report.differences)
        print(f"{slug}: looked at what is to come ({looked_at}); {differ:,} differ")
        left += sum(one.left is not None for one in report.differences) + len(report.unknown)
    if asked.dry_run:
        print("A dry run: nothing was changed.")
    return 1 if left else 0


def _support(settings: Settings, asked: argparse.Namespace) -> None:
    import secrets

    from app.core.db import make_engine
    from app.core.errors import Refusal
    from app.installation import opened
    from app.services.identity.support import appoint

    password = secrets.token_urlsafe(18)

    async def make(url: str) -> None:
        engine = make_engine(url, pool_size=1)
        try:
            await appoint(engine, asked.email, asked.name, password)
        finally:
            await engine.dispose()

    with opened(settings) as installation:
        try:
            asyncio.run(make(installation.app_url))
        except Refusal as refusal:
            raise ValueError(refusal.detail) from refusal
    print(f"{asked.email} can be let in by a grant. Password, shown once: {password}")


def _db(settings: Settings, asked: argparse.Namespace) -> None:
    from urllib.parse import unquote, urlsplit

    import asyncpg

    from app.core import prepare
    from app.core.migrate import upgrade
    from app.installation import NotReadyError

    if asked.what == "new":
        _new_migration(settings, asked.about or "")
        return
    if asked.what == "upgrade":
        if not settings.database_owner_url:
            raise NotReadyError("Set DATABASE_OWNER_URL to the owning role's address.")
        upgrade(settings.database_owner_url)
        print("The schema is up to date.")
        return
    name = urlsplit(settings.database_url or "postgresql:///truckroll").path.lstrip("/")
    if asked.what == "sql":
        print(prepare.administrator_sql(name))
        return
    addresses = {
        prepare.OWNER: settings.database_owner_url,
        prepare.APP: settings.database_url,
        prepare.RELAY: settings.database_relay_url,
        prepare.BACKUP: settings.database_backup_url,
    }
    passwords = {
        role: unquote(urlsplit(url).password or "") for role, url in addresses.items() if url
    }
    admin = settings.database_admin_url
    if admin is None or not passwords.keys() >= {prepare.OWNER, prepare.APP, prepare.RELAY}:
        raise NotReadyError(
            "Set DATABASE_ADMIN_URL (a role that may create roles), DATABASE_OWNER_URL,"
            " DATABASE_URL and DATABASE_RELAY_URL (and DATABASE_BACKUP_URL for backups); or hand an administrator what"
            " `./run db sql` prints."
        )
    try:
        asyncio.run(prepare.prepare(admin, name, passwords))
    except asyncpg.InsufficientPrivilegeError as error:
        print(prepare.administrator_sql(name))
        raise NotReadyError(
            f"This role may not do it ({error}); an administrator runs the SQL above once."
        ) from error
    print(f"Roles and database {name} are ready; now run: ./run db upgrade")


def _new_migration(settings: Settings, about: str) -> None:
    """A migration with what the models have and the schema does not, numbered after the last."""
    from alembic import command

    from app.core.migrate import alembic_config, next_number
    from app.installation import NotReadyError, opened

    if not about:
        raise NotReadyError('Say what it is about: ./run db new "Door keys at a site"')
    with opened(settings) as installation:
        if installation.owner_url is None:
            raise NotReadyError("Set DATABASE_OWNER_URL, or leave DATABASE_URL out.")
        config = alembic_config(installation.owner_url)
        command.revision(config, message=about, autogenerate=True, rev_id=next_number(config))
