"""What a file is, told by its bytes: names and extensions are not asked."""

import io
import zipfile

import pytest

from evalsys.errors import Invalid
from evalsys.services.evidence.kinds import (
    CSV,
    DOCX,
    JPEG,
    MOST_BYTES,
    ODS,
    ODT,
    PDF,
    PNG,
    TXT,
    XLSX,
    Kind,
    clean_file_name,
    kind_of,
)


def packed(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return target.getvalue()


TYPES = ("[Content_Types].xml", b"<Types/>")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", PDF),
        (b"\x89PNG\r\n\x1a\n....", PNG),
        (b"\xff\xd8\xff\xe0....", JPEG),
        (packed(TYPES, ("word/document.xml", b"<w/>")), DOCX),
        (packed(TYPES, ("xl/workbook.xml", b"<w/>")), XLSX),
        (packed(("mimetype", ODT.media_type.encode()), ("content.xml", b"<o/>")), ODT),
        (packed(("mimetype", ODS.media_type.encode()), ("content.xml", b"<o/>")), ODS),
        ("a,b\n1,2\n".encode("utf-8-sig"), CSV),
        ("اسم;عدد\nنص;2\n".encode(), CSV),
        (b"a\tb\n1\t2\n", CSV),
        ("开放时间：九点。\n".encode(), TXT),
        (b"one, two\nthree\n", TXT),
    ],
)
def test_content_tells_the_kind(data: bytes, kind: Kind) -> None:
    assert kind_of(data) == kind


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><a/>",
        b"MZ\x90\x00",
        b"GIF89a\x01\x00\x01\x00",
        b"text with a \x00 in it",
        "latin1 é".encode("latin-1"),
        b"PK\x03\x04 broken",
        packed(("evil.exe", b"MZ")),
        packed(TYPES, ("ppt/presentation.xml", b"<p/>")),
        packed(("mimetype", b"application/epub+zip")),
        packed(("content.xml", b"<o/>"), ("mimetype", ODT.media_type.encode())),
        packed(TYPES, ("word/document.xml", b"<w/>"), ("word/vbaProject.bin", b"macro")),
        packed(("mimetype", ODS.media_type.encode()), ("Basic/Standard/Module1.xml", b"<m/>")),
        packed(TYPES, ("word/document.xml", b"<w/>"), ("../../etc/passwd", b"x")),
        packed(TYPES, ("word/document.xml", bytes(8 * 1024 * 1024))),
        packed(TYPES, ("word/document.xml", b"<w/>"), *((f"{n}", b"") for n in range(5001))),
        b"%PDF-" + bytes(MOST_BYTES),
    ],
    ids=range(19),
)
def test_what_is_hostile_or_unknown_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid):
        kind_of(data)


def test_an_archive_that_lies_about_its_size_is_not_unpacked() -> None:
    bomb = bytearray(packed(("mimetype", ODT.media_type.encode() + b" " * 20)))
    with pytest.raises(Invalid):
        kind_of(bytes(bomb))
    cut = packed(TYPES, ("word/document.xml", b"<w/>" * 1000))
    with pytest.raises(Invalid, match="damaged"):
        kind_of(cut[: len(cut) // 2])


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("report.pdf", "report.pdf"),
        ("report.html", "report.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\me\\plan.docx", "plan.pdf"),
        ("..", "document.pdf"),
        ("", "document.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "a b Set-Cookie_ x.pdf"),
        ("evil\u202efdp.exe", "evil fdp.pdf"),
        ("تقرير 2025.pdf", "تقرير 2025.pdf"),
        ("x" * 300 + ".pdf", "x" * 100 + ".pdf"),
        ('a"b<c>|*?.pdf', "a_b_c____.pdf"),
    ],
)
def test_a_name_is_cleaned_and_gets_the_extension_of_its_kind(name: str, clean: str) -> None:
    assert clean_file_name(name, PDF) == clean
