"""How content leaves us: as a download that no browser runs, shows or keeps."""

from urllib.parse import quote

from fastapi.responses import Response, StreamingResponse

from app.core.objects import Content


class PDF(Response):
    media_type = "application/pdf"


def download(content: Content, name: str, media_type: str) -> StreamingResponse:
    """The content, to be saved under this name."""
    plain = "".join(
        one if (one.isascii() and one.isalnum()) or one in "-_. " else "_" for one in name
    )
    return StreamingResponse(
        content.chunks,
        media_type=media_type,
        headers={
            "Content-Length": str(content.length),
            "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Cache-Control": "no-store",
        },
    )
