"""Draws a picture anew, alone in a process that may not take much: `redrawing.py SOURCE FOLDER`.

Run as a script with nothing of Truckroll imported. What comes out holds pixels and nothing else that
came in: no metadata, no trailing bytes, one frame. It answers with one line of JSON.
"""

import contextlib
import json
import os
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

MAX_PIXELS = 50_000_000
"""What a telephone's camera makes."""
MEMORY = 1024 * 1024 * 1024
SECONDS = 20
LARGEST_OUTPUT = 100 * 1024 * 1024
SIZES = {"small": 320, "large": 1280}
"""The longest side of a thumbnail, in pixels."""
NO_PILLOW = 3
"""How it ends where nothing is readable, and no picture is at fault."""
TAKEN, OFFSET = 0x9003, 0x9011
EXIF_IFD = 0x8769


def limit() -> None:
    """Let this process take no more than a picture needs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_OUTPUT, LARGEST_OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):
        os.nice(10)  # requests come first


def redraw(source: Path, folder: Path) -> dict[str, Any]:
    """Write `content`, `small` and `large` into `folder`; what the picture is, or why it is refused."""
    from PIL import Image, ImageOps

    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None  # we ask ourselves, before anything is unpacked
    with Image.open(source, formats=("JPEG", "PNG", "WEBP")) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            return {"refused": "too_many_pixels"}
        kind = picture.format or ""
        taken = _taken(picture)
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    if kind == "JPEG" and drawn.mode == "RGBA":
        drawn = drawn.convert("RGB")
    drawn.info = {}
    drawn.save(folder / "content", kind, **_options(kind))
    for name, side in SIZES.items():
        small = drawn.copy()
        small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2)
        small.save(folder / name, "WEBP", quality=80)
    return {"format": kind, "width": drawn.width, "height": drawn.height, "taken": taken}


def _options(kind: str) -> dict[str, Any]:
    return {"optimize": False} if kind == "PNG" else {"quality": 88}


def _taken(picture: Any) -> list[str] | None:
    """`[local time, offset or nothing]`, as the camera wrote them."""
    try:
        exif = picture.getexif().get_ifd(EXIF_IFD)
        taken, offset = exif.get(TAKEN), exif.get(OFFSET)
    except (SyntaxError, ValueError, TypeError, KeyError, OSError):
        return None  # broken metadata goes the way of all metadata
    if not isinstance(taken, str):
        return None
    return [taken[:40], offset[:10] if isinstance(offset, str) else ""]


def main() -> None:
    """What a decoder stumbles over ends this process: there is no picture in it for us."""
    limit()
    try:
        import PIL.Image  # noqa: F401
    except ImportError:
        sys.exit(NO_PILLOW)
    told = redraw(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
