"""What a file is, told by its content alone; whatever is not known for sure is refused."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from evalsys.errors import Invalid

MOST_BYTES = 10 * 1024 * 1024
MOST_MEMBERS = 5000
MOST_UNPACKED_BYTES = 300 * 1024 * 1024
MOST_RATIO = 250
SMALL_MEMBER_BYTES = 1024 * 1024
NAME_CHARACTERS = 100
MACROS = "vbaproject.bin"

OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."


@dataclass(frozen=True)
class Kind:
    """A kind of file: its extension and its media type."""

    extension: str
    media_type: str


PDF, PNG, JPEG = Kind("pdf", "application/pdf"), Kind("png", "image/png"), Kind("jpg", "image/jpeg")
DOCX = Kind("docx", f"{OFFICE}wordprocessingml.document")
XLSX = Kind("xlsx", f"{OFFICE}spreadsheetml.sheet")
ODT, ODS = Kind("odt", f"{OPEN}text"), Kind("ods", f"{OPEN}spreadsheet")
CSV, TXT = Kind("csv", "text/csv"), Kind("txt", "text/plain")
KINDS = (PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS, CSV, TXT)

STARTS = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
OFFICE_PARTS = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
UNSAFE = re.compile(r'[<>:"/\\|?*]')


def kind_of(data: bytes) -> Kind:
    """The kind of a file. Raises Invalid when it is empty, too large, or none of `KINDS`."""
    if not data:
        raise Invalid("The file is empty. Choose another one.")
    if len(data) > MOST_BYTES:
        raise Invalid("The file is larger than %(most)s MB. Make it smaller, or split it.", {"most": 10})
    for start, kind in STARTS:
        if data.startswith(start):
            return kind
    found = _packed_kind(data) if data.startswith(b"PK\x03\x04") else _text_kind(data)
    if found is None:
        raise Invalid(
            "This file is of no kind that can be stored. Send PDF, PNG, JPEG, DOCX, XLSX, ODT, ODS, CSV or plain text."
        )
    return found


def clean_file_name(name: str, kind: Kind) -> str:
    """A name that is safe to save under, with the extension of the file's true kind.

    >>> clean_file_name("../../etc/пример.PDF.html", PDF)
    'пример.PDF.pdf'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in UNSAFE.sub("_", last))
    stem = " ".join(plain.split()).rpartition(".")[0] or " ".join(plain.split())
    return f"{stem.strip(' .')[:NAME_CHARACTERS].strip(' .') or 'document'}.{kind.extension}"


def _packed_kind(data: bytes) -> Kind | None:
    """DOCX, XLSX, ODT or ODS by the members of the archive; nothing is unpacked but ODF's short type."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _require_harmless(members)
            names = {member.filename for member in members}
            if "[Content_Types].xml" in names:
                return next((kind for part, kind in OFFICE_PARTS.items() if part in names), None)
            return _open_document_kind(archive, members)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        raise Invalid("This file is damaged. Save it anew and send it again.") from error


def _open_document_kind(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Kind | None:
    if not members or members[0].filename != "mimetype" or members[0].file_size > NAME_CHARACTERS:
        return None
    with archive.open(members[0]) as member:
        said = member.read(NAME_CHARACTERS).decode("ascii", "replace")
    return next((kind for kind in (ODT, ODS) if kind.media_type == said), None)


def _require_harmless(members: list[zipfile.ZipInfo]) -> None:
    """Refuse archives that grow out of all proportion, hide members, lead out of their folder or carry programs."""
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED_BYTES or any(_is_bomb(member) for member in members):
        raise Invalid("This file would unpack to far more than it seems to hold, so it is not stored.")
    names = [member.filename for member in members]
    leads_out = any(name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) for name in names)
    if leads_out or len(set(names)) != len(names) or any(member.flag_bits & 1 for member in members):
        raise Invalid("This file is encrypted or built in an unusual way, so it is not stored.")
    if any(name.lower().endswith(MACROS) or name.lower().startswith("basic/") for name in names):
        raise Invalid("This file holds macros. Save it without them and send it again.")


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    return member.file_size > SMALL_MEMBER_BYTES and member.file_size > MOST_RATIO * max(1, member.compress_size)


def _text_kind(data: bytes) -> Kind | None:
    """CSV when the first lines have equally many cells, else plain text; markup and binary content is neither."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if CONTROLS.search(text) or text.lstrip().startswith("<"):
        return None
    lines = [line for line in text.splitlines() if line.strip()][:50]
    for sign in ",;\t":
        if len(lines) > 1 and len({line.count(sign) for line in lines}) == 1 and sign in lines[0]:
            return CSV
    return TXT
