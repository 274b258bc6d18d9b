"""What is made from something else and committed is what would be made today."""

import os
import shutil
import subprocess
from pathlib import Path

import orjson

from app.main import document

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "bin" / "uv"
COMPILE = (
    "pip", "compile", "-q", "--universal", "--generate-hashes", "--no-header", "--no-annotate",
    "-p", "3.11",
)  # fmt: skip


def test_the_openapi_document_is_fresh() -> None:
    committed = orjson.loads((ROOT / "docs" / "api" / "openapi.json").read_bytes())
    today = orjson.loads(orjson.dumps(document()))
    assert committed == today, "Write it anew: make openapi"


def test_the_locks_are_fresh(tmp_path: Path) -> None:
    """Compiled again over what they hold, the locks do not change: pyproject.toml and they agree."""
    locks = tmp_path / "requirements"
    shutil.copytree(ROOT / "requirements", locks)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for more, name in (
        (("pyproject.toml",), "run.lock"),
        (("pyproject.toml", "--group", "dev", "-c", "requirements/run.lock"), "dev.lock"),
        (("--group", "node"), "node.lock"),
        (("--group", "redis", "-c", "requirements/dev.lock"), "redis.lock"),
    ):
        before = (locks / name).read_text()
        done = subprocess.run(
            [UV, *COMPILE, *more, "-o", f"requirements/{name}"],
            cwd=tmp_path,
            env={"UV_SYSTEM_CERTS": "1", **os.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert (locks / name).read_text() == before, (
            f"{name} is not what pyproject.toml asks: make lock"
        )


def test_no_lock_names_a_host() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        assert "://" not in lock.read_text(), lock.name
