"""What the source itself must not say, read from its syntax (check A15).

Each rule has a short list of modules that may, with the reason; a line that nothing needs any more
fails as well, so that the lists only shrink by themselves.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Found = Iterator[ast.AST]


@cache
def _sources() -> dict[str, ast.Module]:
    """Every module of the application, by its place."""
    return {
        str(path.relative_to(ROOT / "app")): ast.parse(path.read_text())
        for path in sorted((ROOT / "app").rglob("*.py"))
    }


@cache
def _nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All of a module, which every rule looks through."""
    return tuple(ast.walk(tree))


def _called(node: ast.AST) -> str:
    """The dotted name of what a call calls: `datetime.now`."""
    return _written(node.func) if isinstance(node, ast.Call) else ""


_written = cache(ast.unparse)


def _imports(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Every imported name, in full."""
    for node in _nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((node, one.name) for one in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from ((node, f"{node.module}.{one.name}") for one in node.names)


def _inside_functions(tree: ast.AST) -> set[ast.AST]:
    functions = [n for n in _nodes(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {inner for function in functions for inner in ast.walk(function)}


def raw_sql(tree: ast.AST) -> Found:
    """`text()` and statements that pass the ORM by. In a model's own declaration it is schema."""
    declared = {
        inner for node in _nodes(tree) if isinstance(node, ast.ClassDef) for inner in ast.walk(node)
    } - _inside_functions(tree)
    written = _names_from_sqlalchemy(tree, {"text", "literal_column"})
    for node in _nodes(tree):
        if _called(node) in written and node not in declared:
            yield node
        name = _called(node).rpartition(".")[2]
        if name in {"exec_driver_sql", "raw_connection", "get_raw_connection"}:
            yield node


def _names_from_sqlalchemy(tree: ast.AST, wanted: set[str]) -> set[str]:
    """What a module calls these functions of SQLAlchemy."""
    found = {f"{module}.{name}" for module in ("sa", "sqlalchemy") for name in wanted}
    for node in _nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy"):
            found |= {one.asname or one.name for one in node.names if one.name in wanted}
    return found


def core_tables(tree: ast.AST) -> Found:
    """Core on a model's table: the criterion is not added to it, and nobody notices."""
    for node in _nodes(tree):
        if isinstance(node, ast.Attribute) and node.attr in {"__table__", "local_table"}:
            yield node
    for node, name in _imports(tree):
        if name in {"sqlalchemy.Table", "sqlalchemy.table", "sqlalchemy.column"}:
            yield node


def bare_drivers(tree: ast.AST) -> Found:
    """A connection of one's own, outside every session."""
    for node, name in _imports(tree):
        if re.match(r"(asyncpg|psycopg2?)(\.|$)", name):
            yield node


def session_factories(tree: ast.AST) -> Found:
    """Sessions and engines are made in one place, so that none is born without walls."""
    made = {"AsyncSession", "Session", "sessionmaker", "async_sessionmaker", "async_scoped_session"}
    made |= {"create_async_engine", "create_engine", "async_engine_from_config", "create_pool"}
    for node in _nodes(tree):
        if _called(node).rpartition(".")[2] in made:
            yield node


def unscoped_sessions(tree: ast.AST) -> Found:
    """`sessions.open()` without an organisation: only before one is known."""
    for node in _nodes(tree):
        if (
            isinstance(node, ast.Call)
            and _called(node).endswith("sessions.open")
            and not (node.args or node.keywords)
        ):
            yield node


def clocks(tree: ast.AST) -> Found:
    """The present moment, asked of anything but `clock.now()`. Durations are no moments."""
    asked = r"(^|\.)(datetime\.(now|utcnow|today|fromtimestamp)|date\.today|time\.time(_ns)?)$"
    in_sql = r"\b(now\(\)|clock_timestamp|current_timestamp|current_date|localtimestamp)"
    docs = set(_docstrings(tree))
    for node in _nodes(tree):
        if re.search(asked, _called(node)) or re.search(
            r"^func\.(now|current_|local|clock_)", _called(node)
        ):
            yield node
        said = node.value if isinstance(node, ast.Constant) and node not in docs else None
        if isinstance(said, str) and re.search(in_sql, said):
            yield node


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in _nodes(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def floats(tree: ast.AST) -> Found:
    """Binary fractions: never money. What is measured (places, seconds, likeness) may be one."""
    for node in _nodes(tree):
        if isinstance(node, ast.Name) and node.id == "float":
            yield node
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node


def outward_calls(tree: ast.AST) -> Found:
    """HTTP to others goes through `integrations`, from a job, with a key."""
    clients = r"(requests|httpx2?|aiohttp|urllib3|urllib\.request|http\.client|(aio)?smtplib|ftplib)(\.|$)"
    for node, name in _imports(tree):
        if re.match(clients, name):
            yield node


def environment(tree: ast.AST) -> Found:
    """Settings are typed and read in one place."""
    for node in _nodes(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.environb"}:
            yield node
        if _called(node) == "os.getenv":
            yield node


def swallowed(tree: ast.AST) -> Found:
    """`except …: pass`, and catching everything without raising it again."""
    for node in _nodes(tree):
        if isinstance(node, ast.ExceptHandler):
            silent = all(isinstance(one, ast.Pass) for one in node.body)
            broad = node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            if silent or (broad and not raises):
                yield node


def returned_refusals(tree: ast.AST) -> Found:
    """A handler raises its refusal: a returned one would commit what came before it."""
    refusals = {"BadRequest", "Conflict", "Forbidden", "Invalid", "NotFound", "Unauthorized"}
    for handler in _nodes(tree):
        decorators = getattr(handler, "decorator_list", [])
        if any(_called(one).startswith("router.") for one in decorators):
            for node in ast.walk(handler):
                if isinstance(node, ast.Return) and _called(node.value or node) in refusals:
                    yield node


ALLOWED: dict[Callable[[ast.AST], Found], dict[str, str]] = {
    raw_sql: {
        "backup/": "writes an organisation's tables by the names the models give them",
        "core/db.py": "tells the database whose transaction this is",
        "core/guard.py": "asks the catalog who we are, before anything is served",
        "core/pouring.py": "COPY into a temporary table, through the session's driver",
        "core/queue.py": "enqueues in the session's transaction, through its driver's connection",
        "realtime/changes.py": "reads the numbers, which have no model and name the organisation",
        "services/board/questions.py": "the models' own statements, written once, in the session's transaction",
        "services/dispatching/commands_journal.py": "asks the journal by transaction, for many at once",
        "services/facts.py": "a fact and its subjects in one statement; the entry's id is the database's",
        "services/identity/entering.py": "the one function that signs in, scopes and reads the key",
        "services/journal_chain.py": "reads the numbers, which have no model and name the organisation",
        "services/leaving/reading.py": "reads an organisation's tables by the names the models give",
        "services/stories.py": "reads the numbers, which have no model and name the organisation",
    },
    core_tables: {
        "core/pouring.py": "a temporary table beside the model's, for COPY",
        "services/hot/paging.py": "reads which indexes a table has, and no row of it",
        "services/invoices/opening.py": "names the columns of VALUES; the UPDATE is the model's",
        "services/tracking/habits.py": "names the columns of what it asks; the rows are the model's",
    },
    bare_drivers: {
        "backup/": "copies and compares all organisations' rows, as the role that reads them",
        "cli.py": "the administrator's connection that makes roles",
        "core/pouring.py": "names the type of a range for COPY",
        "core/lost.py": "names what connections end with, and asks outside the pool, so that a full pool shows",
        "core/hot.py": "the pool of hot reads, which log in as the serving role (rulings 5)",
        "core/prepare.py": "makes roles and database, before there is a schema",
        "core/queue.py": "names the type of the session's own connection",
        "core/bus.py": "NOTIFY and LISTEN keep connections of their own",
        "demo/unfinished.py": "takes the schema's revision away, and numbers as the relay",
        "installation.py": "asks an outside server for its version and roles",
        "postgres/answering.py": "asks whether the server answers; knows no schema",
        "tasks/relay.py": "numbers all organisations' entries, as its own role",
        "tasks/vitals.py": "looks how old the oldest of them without a number is, as that role",
        "tasks/worker.py": "the queue's LISTEN keeps a connection of its own",
    },
    session_factories: {
        "core/db.py": "the walled session",
        "core/hot.py": "the pool of hot reads, whose statements name the organisation themselves",
        "core/identity_db.py": "the session of the identity plane, which refuses tenant tables",
    },
    unscoped_sessions: {
        "api/edge.py": "the session becomes somebody's in `let_in`, first in its transaction",
        "demo/__init__.py": "makes the organisations themselves",
        "demo/scale.py": "makes the organisations themselves",
        "services/identity/signing_up.py": "makes the organisation of whoever signs up",
    },
    clocks: {
        "core/clock.py": "is the clock",
    },
    floats: {
        "api/edge.py": "seconds before a retry",
        "api/tables.py": "weighs the types that a caller takes",
        "api/strict.py": "finds the numbers that JSON should not hold",
        "api/v2/board.py": "coordinates",
        "api/v2/board_table.py": "coordinates, paces",
        "api/v2/events.py": "coordinates",
        "api/v2/first_steps.py": "coordinates",
        "api/v2/holds.py": "coordinates",
        "api/v2/organisation.py": "coordinates",
        "api/v2/positions.py": "coordinates",
        "api/v2/sites.py": "coordinates",
        "api/v2/slots.py": "coordinates",
        "api/v2/technicians.py": "coordinates",
        "api/v2/work_orders.py": "coordinates",
        "core/backoff.py": "seconds",
        "documents/day_sheet.py": "miles and kilometres",
        "services/day_sheets.py": "coordinates",
        "core/filters/reading.py": "takes the numbers of a body as they were written, and no other",
        "core/geo.py": "coordinates and metres",
        "core/queue.py": "seconds",
        "core/telemetry.py": "seconds",
        "core/tables/sheets.py": "spreadsheets hold nothing else",
        "core/tables/workbooks.py": "spreadsheets hold nothing else",
        "core/bus.py": "seconds",
        "core/wake.py": "seconds",
        "integrations/redis.py": "seconds",
        "realtime/": "seconds",
        "demo/companies.py": "coordinates",
        "demo/living.py": "how many jobs a day",
        "demo/scale.py": "how large a company is",
        "postgres/": "seconds",
        "scheduling/distances.py": "metres and seconds, rounded to whole ones",
        "scheduling/eta.py": "seconds",
        "scheduling/fences.py": "metres and seconds",
        "scheduling/stops.py": "metres and seconds",
        "scheduling/track.py": "coordinates, metres and seconds",
        "services/finding/lists.py": "how alike two names are",
        "scheduling/travel.py": "metres and seconds",
        "services/exports/making.py": "seconds",
        "services/imports/duplicates.py": "likeness",
        "integrations/roads": "seconds and metres",
        "services/placing.py": "coordinates",
        "services/board/": "coordinates",
        "services/dispatching/": "coordinates",
        "services/inputs.py": "coordinates",
        "services/sites.py": "coordinates",
        "services/tracking/": "coordinates",
        "tasks/importing.py": "seconds",
        "tasks/relay.py": "seconds",
        "tasks/vitals.py": "seconds",
        "tasks/worker.py": "seconds",
    },
    outward_calls: {
        "integrations/": "is where others are spoken to",
    },
    environment: {
        "postgres/creating.py": "hands its own environment to the programs it starts",
    },
    swallowed: {
        "realtime/listening.py": "logs it and begins anew: what others say ends nobody's listening",
        "tasks/vitals.py": "logs and counts it: a look that fails ends no process",
        "core/wake.py": "logs it and begins anew: what one organisation said ends nobody else's notices",
        "tasks/schedules.py": "raises what it caught once every organisation had its turn",
    },
    returned_refusals: {},
}


@pytest.mark.parametrize("rule", ALLOWED, ids=lambda rule: rule.__name__)
def test_only_the_reviewed_modules_do_it(rule: Callable[[ast.AST], Found]) -> None:
    places = {
        path: [getattr(node, "lineno", 0) for node in rule(tree)]
        for path, tree in _sources().items()
    }
    doing = {path: lines for path, lines in places.items() if lines}
    allowed = tuple(ALLOWED[rule])
    unreviewed = {path: lines for path, lines in doing.items() if not path.startswith(allowed)}
    assert unreviewed == {}, rule.__doc__
    idle = [one for one in allowed if not any(path.startswith(one) for path in doing)]
    assert idle == [], "Nothing needs these lines any more."


PLANTED = {
    raw_sql: "from sqlalchemy import text as t\ndef f(s):\n    s.execute(t('select 1'))",
    core_tables: "select(Customer.__table__)",
    bare_drivers: "import asyncpg",
    session_factories: "async_sessionmaker(engine)",
    unscoped_sessions: "state.sessions.open()",
    clocks: "x = datetime.now(UTC)",
    floats: "price = 12.5",
    outward_calls: "import httpx2",
    environment: "os.environ['HOME']",
    swallowed: "try:\n    f()\nexcept ValueError:\n    pass",
    returned_refusals: "@router.get('')\nasync def f():\n    return Conflict('x')",
}


@pytest.mark.parametrize("rule", ALLOWED, ids=lambda rule: rule.__name__)
def test_each_rule_sees_what_it_is_for(rule: Callable[[ast.AST], Found]) -> None:
    assert list(rule(ast.parse(PLANTED[rule])))
    assert list(rule(ast.parse("select(Customer).where(Customer.name == name)"))) == []


def test_handlers_leave_statements_to_verbs() -> None:
    made = {"sqlalchemy.select", "sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"}
    building = [
        path
        for path, tree in _sources().items()
        if path.startswith("api/") and made & {name for _, name in _imports(tree)}
    ]
    assert building == []


def test_sql_outside_the_walls_names_the_organisation() -> None:
    """The journal's numbers stand outside row-level security: whoever reads them says whose."""
    loose = [
        f"{path}:{node.lineno}"
        for path, tree in _sources().items()
        for node in _nodes(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search(r"\b(from|join) system\.journal_", node.value)
        and "org_id = :org" not in node.value
        and "org_id = any(cast(:orgs" not in node.value
        and not path.startswith("backup/")  # compares all of them, as a role that never serves
    ]
    assert loose == []


def test_every_module_says_what_is_always_true() -> None:
    assert [path for path, tree in _sources().items() if not ast.get_docstring(tree)] == []


def test_naive_times_and_bare_prints_stay_refused_by_ruff() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert {"DTZ", "S", "ASYNC", "T20"} <= set(lint["select"])
    assert not {"DTZ", "S", "ASYNC"} & {code.rstrip("0123456789") for code in lint["ignore"]} - {
        "S"
    }
    assert [code for code in lint["ignore"] if code.startswith(("S1", "S2", "S3"))] == ["S101"]


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
