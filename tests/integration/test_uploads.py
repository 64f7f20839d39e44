"""Files as browsers send them, with a long border between the parts: a large one arrives whole."""

import random
from contextlib import suppress

import pytest
from flask import Flask, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from evalsys.errors import EvalsysError

pytestmark = pytest.mark.database("sqlite")
BORDER = "----WebKitFormBoundary7MA4YWxkTrZu0gW7"
PATHS = (
    "/en/evidence/rounds/2025",
    "/en/head/draft/2025/objections",
    "/en/oversight/rounds/2025/rules",
    "/en/verify/file",
)


@pytest.mark.parametrize("path", PATHS)
def test_a_large_binary_file_arrives_whole(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    data = random.Random(1).randbytes(2_000_000)
    head = f'--{BORDER}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'.encode()
    body = head + data + f"\r\n--{BORDER}--\r\n".encode()
    kind = f"multipart/form-data; boundary={BORDER}"
    with app.test_request_context(path, method="POST", data=body, content_type=kind):
        with suppress(HTTPException, EvalsysError):
            app.preprocess_request()
        assert request.url_rule is not None
        assert request.files["file"].read() == data
        request.close()
