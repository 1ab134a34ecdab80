"""Pictures: the QR code of an address."""

from functools import lru_cache
from io import BytesIO

import segno


@lru_cache(maxsize=500)
def qr_code(text: str) -> bytes:
    """A PNG of the text as a QR code, large enough for a phone's camera."""
    picture = BytesIO()
    segno.make(text, error="m").save(picture, kind="png", scale=8, border=3)
    return picture.getvalue()
