"""Message catalogues: complete, current, and with plurals that Arabic readers accept."""

import gettext
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tests.house.files import ROOT

TRANSLATIONS = ROOT / "evalsys" / "translations"
TRANSLATED = ["zh", "ar"]
COUNTS = [0, 1, 2, 3, 10, 11, 99, 100, 101, 102, 103, 111]
CLDR_ORDER = ["zero", "one", "two", "few", "many", "other"]


@cache
def _catalogue(locale: str) -> Catalog:
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=locale)


def _key(message: Message) -> tuple[object, object]:
    return message.context, message.id


@pytest.fixture(scope="module")
def texts_of_the_code(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[object, object]]:
    template = tmp_path_factory.mktemp("messages") / "messages.pot"
    subprocess.run([ROOT / ".ci" / "messages", Path(sys.executable).parent, template], check=True)
    with template.open("rb") as file:
        return {_key(message) for message in read_po(file) if message.id}


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_text_is_translated(locale: str) -> None:
    lacking = [message.id for message in _catalogue(locale) if message.id and not _is_complete(message)]
    assert not lacking


def _is_complete(message: Message) -> bool:
    strings = (message.string,) if isinstance(message.string, str) else message.string or ()
    return bool(strings) and all(strings)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_translation_is_fuzzy_or_left_over(locale: str) -> None:
    catalogue = _catalogue(locale)
    assert not [message.id for message in catalogue if message.fuzzy]
    assert not catalogue.fuzzy, "the head of the catalogue is marked fuzzy, so it is never compiled"
    assert not list(catalogue.obsolete)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_the_catalogue_holds_the_texts_of_the_code_and_no_others(
    locale: str, texts_of_the_code: set[tuple[object, object]]
) -> None:
    held = {_key(message) for message in _catalogue(locale) if message.id}
    assert texts_of_the_code - held == set(), "run `make messages` and translate"
    assert held - texts_of_the_code == set(), "run `make messages`"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_translations_keep_the_placeholders(locale: str) -> None:
    wrong = [(message.id, [str(error) for error in errors]) for message, errors in _catalogue(locale).check()]
    assert not wrong


@pytest.mark.parametrize("number", COUNTS)
def test_arabic_plural_forms_stand_in_cldr_order(number: int) -> None:
    rule = gettext.c2py(_catalogue("ar").plural_expr)
    assert CLDR_ORDER[rule(number)] == Locale("ar").plural_form(number)


def test_arabic_has_six_plural_forms_and_chinese_one() -> None:
    assert (_catalogue("ar").num_plurals, _catalogue("zh").num_plurals) == (6, 1)
