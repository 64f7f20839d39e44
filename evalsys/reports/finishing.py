"""What the renderer leaves undone in a PDF, and what it would do twice.

It serialises and compresses every object once for the file and once more for the file's identifier; here each is
brought into its last form once.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import pydyf
import weasyprint

from evalsys.reports.glyphs import name_glyphs

POINTS_PER_PIXEL = 0.75
BEGIN, END = b"\nstream\n", b"\nendstream"
CARRIAGE_RETURN = b"\r"
AMBIGUOUS_END = b"\r\nendstream"
_UA_IDENTIFIER = b"""
<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>
<rdf:li rdf:parseType="Resource"><pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType><pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the document conforms to</pdfaProperty:description></rdf:li>
</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


class _Written(pydyf.Object):
    """An object in its last form."""

    def __init__(self, item: pydyf.Object) -> None:
        super().__init__()
        self.number, self._data = item.number, item.data

    @property
    def data(self) -> bytes:
        """The object as it stands in the file."""
        return bytes(self._data)


def finish(document: weasyprint.Document, pdf: pydyf.PDF, padding: int = 0) -> None:
    """Adds what one variant name cannot ask for: the PDF/UA identifier, scopes of headers, boxes of figures."""
    _finish_structure(document, pdf)
    _finish_metadata(pdf)
    name_glyphs(pdf)
    if padding:
        pdf.catalog["EvalsysPadding"] = pydyf.String("." * padding)
    for number, item in enumerate(pdf.objects):
        if isinstance(item, pydyf.Stream):
            _pack(item)
        elif item.free == "n":
            pdf.objects[number] = _Written(item)


def _finish_structure(document: weasyprint.Document, pdf: pydyf.PDF) -> None:
    by_number = {item.reference: item for item in pdf.objects if _is_structure(item)}
    for item in by_number.values():
        if item["S"] == "/TH":
            siblings = by_number[item["P"]]["K"]
            holds_data = any(by_number[one]["S"] == "/TD" for one in siblings if one in by_number)
            item["A"]["Scope"] = "/Row" if holds_data else "/Column"
        elif item["S"] == "/Figure":
            item["A"]["BBox"] = _from_the_foot(item["A"]["BBox"], document.pages[0].height)


def _finish_metadata(pdf: pydyf.PDF) -> None:
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    whole = b"\n".join(part if isinstance(part, bytes) else str(part).encode() for part in metadata.stream)
    metadata.stream = [whole.replace(b"</rdf:RDF>", _UA_IDENTIFIER + b"</rdf:RDF>")]
    metadata.compress = False


def _is_structure(item: pydyf.Object) -> bool:
    return isinstance(item, pydyf.Dictionary) and item.get("Type") == "/StructElem"


def _from_the_foot(box: Sequence[float], height: float) -> pydyf.Array:
    left, top, right, bottom = box
    corners = (left, height - bottom, right, height - top)
    return pydyf.Array(round(value * POINTS_PER_PIXEL, 2) for value in corners)


def _pack(stream: pydyf.Stream) -> None:
    """Compress the stream once and for all, unless its last byte would then read as a line end."""
    if not stream.compress:
        return
    stream.compress = False
    plain = stream.data.partition(BEGIN)[2].removesuffix(END)
    packed = (_packed_profile if "N" in stream.extra else zlib.compress)(plain)
    if not packed.endswith(CARRIAGE_RETURN):
        stream.stream, stream.extra["Filter"] = [packed], "/FlateDecode"


@lru_cache(maxsize=1)
def _packed_profile(profile: bytes) -> bytes:
    """The colour profile, which is the same in every file."""
    return zlib.compress(profile)
