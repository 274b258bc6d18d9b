"""Squares that a phone's camera reads: what would be long to type by hand."""

import segno


def picture(text: str) -> str:
    """The QR code of a text as an SVG in a `data:` address: black on white, with its quiet border."""
    made = segno.make(text, error="m")
    return made.svg_data_uri(scale=4, dark="#000", light="#fff")
