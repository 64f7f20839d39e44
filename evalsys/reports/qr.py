"""QR codes as pictures that stand alone, for posters and letters."""

import io

import segno

MODULE_PIXELS = 8
QUIET_ZONE = 4


def qr_svg(address: str) -> bytes:
    """An SVG file whose code leads to `address`; one quarter of it may be dirty or torn."""
    file = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        file,
        kind="svg",
        scale=MODULE_PIXELS,
        border=QUIET_ZONE,
        light="#fff",
        title=address,
        svgclass=None,
        lineclass=None,
    )
    return file.getvalue()
