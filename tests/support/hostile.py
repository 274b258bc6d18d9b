"""Files that mean harm, each made here: `refused` must not be taken, `taken` must lose its teeth."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache

from PIL import Image

from app.documents.pictures import PNG
from tests.support.pictures import make_png

SCRIPT = b"<script>alert(document.cookie)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
HTML = b"<!doctype html><title>x</title>" + SCRIPT
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<<>>\n%%EOF\n"


@dataclass(frozen=True)
class Hostile:
    """A file with the name and type its sender gives it, and the name it is kept under."""

    name: str
    content: bytes
    kept_as: str = ""
    sent_as: str = "image/jpeg"


def a_picture(
    kind: str, size: tuple[int, int] = (40, 30), mode: str = "RGB", **options: object
) -> bytes:
    """A picture, as Pillow writes it."""
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


def a_zip(*entries: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive of these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as packed:
        for name, content in entries:
            packed.writestr(name, content)
    return out.getvalue()


DOCX = (("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<w:document/>"))
XLSX = (("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))


def _claiming(packed: bytes, size: int) -> bytes:
    """The archive, its last directory entry claiming to unpack to `size`."""
    at = packed.rfind(b"PK\x01\x02") + 24
    return packed[:at] + struct.pack("<I", size) + packed[at + 4 :]


def _encrypted(packed: bytes) -> bytes:
    at = packed.rfind(b"PK\x01\x02") + 8
    return packed[:at] + struct.pack("<H", 1) + packed[at + 2 :]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _with_chunk(png: bytes, kind: bytes, body: bytes) -> bytes:
    header = len(PNG) + 25
    return png[:header] + _chunk(kind, body) + png[header:]


def _gps() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "SECRET maker"
    exif[0x8825] = {1: "N", 2: (33.0, 27.0, 1.0), 3: "W", 4: (112.0, 4.0, 2.0)}
    exif[0x9286] = b"ASCII\0\0\0SECRET comment"
    return a_picture("JPEG", exif=exif, comment=b"SECRET " + SCRIPT)


_JPEG, _PNG = a_picture("JPEG"), make_png(40, 30)
_HUGE = PNG + _chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0))
_SOF = _JPEG.find(b"\xff\xc0") + 5
_FRAMES = [Image.new("RGB", (64, 64), (n, n, n)) for n in range(40)]


@cache
def refused() -> dict[str, Hostile]:
    """Files that mean harm or are none."""
    return {
        "nothing": Hostile("a.txt", b""),
        "SVG with a script": Hostile("a.svg", SVG),
        "SVG as PNG": Hostile("a.png", SVG),
        "SVG as text": Hostile("a.txt", SVG),
        "SVG behind a BOM": Hostile("a.txt", b"\xef\xbb\xbf \n" + SVG),
        "HTML": Hostile("a.html", HTML, sent_as="text/html"),
        "HTML as JPEG": Hostile("a.jpg", HTML),
        "HTML as PDF": Hostile("a.pdf", HTML),
        "HTML in UTF-16": Hostile("a.txt", HTML.decode().encode("utf-16")),
        "HTML behind blanks": Hostile("a.csv", b"\r\n\t  " + HTML),
        "XML that reads files": Hostile(
            "a.xml", b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
        ),
        "PHP": Hostile("a.txt", b"<?php system($_GET[0]); ?>"),
        "GIF that is JavaScript": Hostile("a.gif", b"GIF89a/*" + b"\0" * 9 + b"*/=1;alert(1)"),
        "GIF": Hostile("a.gif", a_picture("GIF")),
        "BMP": Hostile("a.bmp", a_picture("BMP")),
        "TIFF as JPEG": Hostile("a.jpg", a_picture("TIFF")),
        "HEIC": Hostile("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        "video": Hostile("a.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"),
        "archive": Hostile("a.zip", a_zip(("a.txt", b"x"))),
        "archive as Word": Hostile("a.docx", a_zip(("a.txt", b"x"))),
        "archive with the EICAR string": Hostile("a.zip", a_zip(("eicar.com", EICAR))),
        "archive that climbs": Hostile("a.zip", a_zip(("../../etc/cron.d/x", b"x"))),
        "archive bomb": Hostile("a.zip", a_zip(("a", bytes(20_000_000)))),
        "Word bomb": Hostile("a.docx", _claiming(a_zip(*DOCX), 2**32 - 2)),
        "Word of 6,000 parts": Hostile(
            "a.docx",
            a_zip(*DOCX, *((f"w/{n}", b"") for n in range(6_000)), packing=zipfile.ZIP_STORED),
        ),
        "Word with macros": Hostile("a.docx", a_zip(*DOCX, ("word/vbaProject.bin", b"x"))),
        "Word with a program": Hostile("a.docx", a_zip(*DOCX, ("word/embeddings/a.exe", b"MZ"))),
        "Excel with an OLE object": Hostile(
            "a.xlsx", a_zip(*XLSX, ("xl/embeddings/oleObject1.bin", b"x"))
        ),
        "Word under a password": Hostile("a.docx", _encrypted(a_zip(*DOCX))),
        "Word cut short": Hostile("a.docx", a_zip(*DOCX)[:-30]),
        "program for Windows": Hostile("a.exe", b"MZ\x90\0\x03\0\0\0\x04\0"),
        "program as JPEG": Hostile("a.jpg", b"MZ\x90\0\x03\0\0\0\x04\0"),
        "program for Linux": Hostile("a", b"\x7fELF\x02\x01\x01\0"),
        "shell script": Hostile("a.sh", b"#!/bin/sh\nrm -rf /\n"),
        "batch file": Hostile("a.bat", b"del /s *\r\n"),
        "JavaScript": Hostile("a.js", b"alert(1)"),
        "shortcut": Hostile("a.lnk", b"L\0\0\0\x01\x14\x02\0"),
        "EICAR as a program": Hostile("eicar.com", EICAR),
        "PostScript": Hostile("a.eps", b"%!PS-Adobe-3.0\n(/etc/passwd) run\n"),
        "ImageMagick's language as PNG": Hostile(
            "a.png", b"push graphic-context\nfill 'url(|id)'\n"
        ),
        "PDF as JPEG": Hostile("a.jpg", PDF),
        "PDF behind rubbish": Hostile("a.pdf", b"\0\0\0\0" + PDF),
        "JPEG as HTML": Hostile("a.html", _JPEG),
        "JPEG as PHP": Hostile("a.php", _JPEG),
        "text with NUL": Hostile("a.txt", b"abc\0def"),
        "text in Latin-1": Hostile("a.csv", "Müller".encode("latin-1")),
        "pixel bomb": Hostile("a.png", a_picture("PNG", (20_000, 20_000), "1")),
        "PNG that claims to be endless": Hostile("a.png", _HUGE + _PNG[33:]),
        "JPEG that claims to be endless": Hostile(
            "a.jpg", _JPEG[:_SOF] + b"\xff\xff\xff\xff" + _JPEG[_SOF + 4 :]
        ),
        "JPEG cut short": Hostile("a.jpg", _JPEG[: len(_JPEG) // 2]),
        "PNG cut short": Hostile("a.png", make_png(400, 300)[:-60]),
        "WebP cut short": Hostile("a.webp", a_picture("WEBP")[:20]),
        "PNG with a text that swells": Hostile(
            "a.png", _with_chunk(_PNG, b"zTXt", b"a\0\0" + zlib.compress(bytes(80_000_000)))
        ),
    }


@cache
def taken() -> dict[str, Hostile]:
    """Files that are cleaned and kept."""
    return {
        "path": Hostile("../../etc/passwd.txt", b"SAFE", "passwd.txt"),
        "path of Windows": Hostile("C:\\Windows\\system32\\a.txt", b"SAFE", "a.txt"),
        "right to left": Hostile("invoice\u202etxt.exe.txt", b"SAFE", "invoicetxt.exe.txt"),
        "invisible": Hostile("a\u200b\ufeff\u2066b.txt", b"SAFE", "ab.txt"),
        "device": Hostile("CON.txt", b"SAFE", "_CON.txt"),
        "hidden": Hostile(".htaccess", b"SAFE", "htaccess.txt"),
        "tags": Hostile("<script>alert(1)</script>.txt", b"SAFE", "script_.txt"),
        "a long name": Hostile("x" * 900 + ".txt", b"SAFE", "x" * 146 + ".txt"),
        "only dots": Hostile("....", b"SAFE", "file.txt"),
        "UTF-7": Hostile(
            "a.txt", b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-", "a.txt", "text/html"
        ),
        "formula": Hostile("a.csv", b"=cmd|' /C calc'!A0,1\n", "a.csv"),
        "EICAR as text": Hostile("eicar.txt", EICAR, "eicar.txt"),
        "PDF with JavaScript": Hostile("a.pdf", PDF, "a.pdf", "text/html"),
        "PDF that is an archive": Hostile("a.pdf", PDF + a_zip(("a.txt", b"x")), "a.pdf"),
        "JPEG with GPS, maker and comment": Hostile("a.jpg", _gps(), "a.jpg"),
        "JPEG that is an archive": Hostile(
            "a.jpg", _JPEG + a_zip(("SECRET.txt", b"x"), packing=zipfile.ZIP_STORED), "a.jpg"
        ),
        "JPEG that is HTML": Hostile("a.jpg", _JPEG + b"SECRET" + HTML, "a.jpg", "text/html"),
        "PNG with PHP in its text": Hostile(
            "a.png", _with_chunk(_PNG, b"tEXt", b"SECRET\0<?php system(0) ?>"), "a.png"
        ),
        "PNG with a colour profile": Hostile(
            "a.png", a_picture("PNG", icc_profile=b"SECRET" * 1000), "a.png"
        ),
        "WebP of 40 frames": Hostile(
            "a.webp",
            a_picture("WEBP", (64, 64), save_all=True, append_images=_FRAMES, xmp=b"SECRET"),
            "a.webp",
        ),
    }
