"""The page as the renderer gets it: the same picture as from the text, with fewer boxes."""

from xml.etree import ElementTree as ET

import pytest
import weasyprint

from evalsys.reports import pdf, trees
from tests.pdf.making import environment
from tests.pdf.samples import LOCALES, normal


def _lifted(page: str) -> str:
    tree = ET.fromstring(page)  # noqa: S314  # our own text
    trees.lift(tree)
    return ET.tostring(tree, encoding="unicode")


@pytest.mark.parametrize("locale", LOCALES)
def test_a_card_is_well_formed_and_reads_as_the_renderer_reads_it(locale: str) -> None:
    html = pdf.card_html(normal(locale), environment(locale))
    theirs = weasyprint.HTML(string=html).etree_element
    ours = trees.read_page(html, pdf.ClosedFetcher({}))
    assert isinstance(ours, trees.Page)
    trees.lift(theirs)
    assert [_told(one) for one in ours.etree_element.iter()] == [_told(one) for one in theirs.iter()]


def _told(element: ET.Element) -> tuple[str, dict[str, str], str]:
    own = {name: value for name, value in element.attrib.items() if "xmlns" not in name}
    return element.tag, own, " ".join((element.text or "").split())


@pytest.mark.parametrize("page", ["<p>one<p>two", "<!DOCTYPE html [<!ENTITY a 'b'>]><p>&a;</p>", "<p>a &nbsp; b</p>"])
def test_a_page_that_is_no_xml_or_declares_something_is_read_by_the_renderer(page: str) -> None:
    assert not isinstance(trees.read_page(page, pdf.ClosedFetcher({})), trees.Page)


def test_a_cell_takes_over_the_only_element_in_it() -> None:
    cell = '<td class="sc-end"><strong><span dir="ltr" class="sc-num">1</span></strong></td>'
    assert _lifted(cell) == '<td class="sc-end sc-bold sc-num" dir="ltr">1</td>'


@pytest.mark.parametrize(
    "cell",
    [
        '<td>of <span dir="ltr">1</span></td>',
        '<td><span dir="ltr">1</span> or more</td>',
        "<td><span>1</span><span>2</span></td>",
        '<th><span dir="ltr">1</span></th>',
    ],
)
def test_what_stands_beside_other_words_and_heads_keep_their_elements(cell: str) -> None:
    assert _lifted(cell) == cell
