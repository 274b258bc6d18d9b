"""The typesetter: one typst compiler for the process, fed with data and never with markup.

Templates are ours and live in `templates/`; what a tenant or a customer typed reaches them as
JSON strings, so a `#` or a `$` is only ever printed. Fonts come from `fonts/` alone: a document
looks the same on every machine, and equal input gives equal bytes.
"""

import threading
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

import orjson
import typst

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"

# typst refuses a compiler that is already at work; it lets go of the GIL while it typesets, so
# only renders wait for each other. Call from a thread, not from the event loop.
_lock = threading.Lock()


def compile_pdf(template: str, data: Mapping[str, object], *, dated: date | None = None) -> bytes:
    """Typeset `templates/<template>` with `data` as the template's `sys.inputs.data`.

    `dated` is the day the file says it was made; the clock is never read.
    """
    made = datetime.combine(dated or date(2000, 1, 1), time.min, UTC)
    inputs = {"data": orjson.dumps(data).decode()}
    with _lock:
        pdf = _compiler().compile(
            TEMPLATES / template, format="pdf", sys_inputs=inputs, timestamp=made
        )
    assert isinstance(pdf, bytes)  # a list of bytes is for pictures of several pages
    return pdf


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[HERE / "fonts"]
    )
    return typst.Compiler(root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)
