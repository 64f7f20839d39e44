"""An SVG of ours as PNG, drawn with the shipped fonts alone: the same bytes on every machine.

The drawer holds the interpreter for about a tenth of a second; what was drawn last is kept.
"""

from functools import lru_cache

import resvg_py

from evalsys.reports import fonts

KEPT = 128


@lru_cache(maxsize=KEPT)
def png_of(svg: str) -> bytes:
    """The picture, one pixel a unit."""
    files = [str(path) for path in fonts.files()]
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, font_files=files))
