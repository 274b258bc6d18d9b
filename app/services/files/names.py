"""File names as they are kept: one segment, printable, and the same on every system.

Pure. What somebody calls a file is shown to others and becomes a name on their disks, so nothing in
it may steer a terminal, a shell, a path or the direction of reading.
"""

import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 150
_UNSAFE = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def clean(name: str) -> str:
    """The last segment of a path, without controls, directions, edges that vanish and device names."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    printable = "".join(
        one for one in last if unicodedata.category(one)[0] not in "CZ" or one == " "
    )
    plain = " ".join(_UNSAFE.sub("_", printable).split()).strip(". ")
    if _DEVICES.match(plain):
        plain = f"_{plain}"
    stem, suffix = split(plain)
    return f"{stem[: LONGEST - len(suffix)]}{suffix}" or "file"


def split(name: str) -> tuple[str, str]:
    """Stem and suffix, such as `("photo", ".jpg")`; what is too long for a suffix is none."""
    suffix = PurePosixPath(name).suffix
    if len(suffix) > 12 or len(suffix) < 2:
        return name, ""
    return name.removesuffix(suffix), suffix
