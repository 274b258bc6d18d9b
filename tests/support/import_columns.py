"""The tables of docs/import-columns.md, from the kinds themselves; `python -m` this to write them."""

from pathlib import Path

from app.services.imports.kinds import KINDS
from app.services.imports.kinds.base import Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "import-columns.md"
START = "<!-- columns -->\n"


def tables() -> str:
    """A table for each kind: the fields, what goes into them, and the headings that mean them."""
    return "\n".join(_table(name, kind) for name, kind in KINDS.items())


def _table(name: str, kind: Kind) -> str:
    keys = ", ".join(f"`{key.name}`" for key in kind.keys)
    needs = ", ".join(f"`{one.value}`" for one in kind.needs)
    lines = [
        f"## `{name}`",
        "",
        f"Found by {keys} or `none`. Needs `customers:import`, {needs}.",
        "",
        "| field | what goes into it | headings that mean it |",
        "|---|---|---|",
    ]
    lines += (
        f"| `{field.name}` | {field.label} | {', '.join(field.aliases)} |" for field in kind.fields
    )
    return "\n".join([*lines, ""])


def page() -> str:
    """The page as it should be: its own words, then the tables."""
    return PAGE.read_text().split(START)[0] + START + "\n" + tables()


if __name__ == "__main__":
    PAGE.write_text(page())
