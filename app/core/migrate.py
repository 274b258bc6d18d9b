"""Running migrations from code: the same Alembic as on the command line, without its ini file."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).resolve().parents[2]


def alembic_config(owner_url: str) -> Config:
    """Alembic's configuration for this checkout; `owner_url` is `postgresql://…` of the owner."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["url"] = owner_url
    return config


def upgrade(owner_url: str, to: str = "head") -> None:
    """Bring the schema to `to`. Blocking, and starts an event loop: call it in a thread."""
    command.upgrade(alembic_config(owner_url), to)


def downgrade(owner_url: str, to: str) -> None:
    """Take the schema back to `to`."""
    command.downgrade(alembic_config(owner_url), to)


def next_number(config: Config) -> str:
    """The number after the highest migration's, four digits."""
    known = ScriptDirectory.from_config(config).walk_revisions()
    return f"{max((int(one.revision) for one in known), default=0) + 1:04}"
