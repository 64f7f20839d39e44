"""How files that were just made are sent."""

import hashlib
from io import BytesIO

from flask import send_file
from werkzeug.wrappers import Response

from evalsys.services.downloads.workbook import Download


def send_download(file: Download, *, is_shown: bool = False) -> Response:
    """The file, with its digest as mark; `is_shown` when a page shows it, otherwise for saving."""
    digest, content, is_saved = hashlib.sha256(file.content).hexdigest(), BytesIO(file.content), not is_shown
    response = send_file(content, file.media_type, is_saved, download_name=file.name, etag=digest)
    del response.headers["Cache-Control"]
    return response
