"""TEMPORARY until the imports branch lands."""

import unicodedata


def person_sort_name(name: str) -> str:
    return (
        "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
        .casefold()
        .strip()
    )
