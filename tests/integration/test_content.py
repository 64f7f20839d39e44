"""Texts in several languages, with English where one is missing, and the presets that bring them."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalsys.db import transaction
from evalsys.errors import NotFound
from evalsys.i18n import LOCALES
from evalsys.models import Indicator, Translation
from evalsys.services import content
from evalsys.services.content import Text
from evalsys.services.presets import install, list_presets, read_preset


def add(*new: content.NewText) -> int:
    with transaction() as session:
        return content.add_texts(session, new)


def test_a_text_is_given_in_the_wanted_language_and_else_in_english(session: Session) -> None:
    add(*content.in_languages("unit", "U1", "name", {"en": "Water", "ar": "المياه"}))
    add(*content.in_languages("unit", "U2", "name", {"en": "Roads"}))
    assert content.names("unit", "ar") == {"U1": Text("المياه", "ar"), "U2": Text("Roads", "en")}
    assert content.text_of("unit", "U1", "name", "zh") == Text("Water", "en")


def test_a_thing_without_a_name_is_called_by_its_code(session: Session) -> None:
    assert content.text_of("unit", "U9", "name", "en") == Text("U9", "")
    assert str(content.text_of("unit", "U9", "name", "en")) == "U9"


def test_texts_that_exist_stay_as_they_are(session: Session) -> None:
    assert add(content.NewText("unit", "U1", "name", "en", "Water")) == 1
    assert (
        add(content.NewText("unit", "U1", "name", "en", "Fire"), content.NewText("unit", "U1", "name", "zh", "水")) == 1
    )
    assert content.text_of("unit", "U1", "name", "en").text == "Water"


def test_a_translation_remembers_what_it_was_made_from(session: Session) -> None:
    add(*content.in_languages("unit", "U1", "name", {"en": "Water", "zh": "水"}))
    hashes = dict(session.execute(select(Translation.locale, Translation.source_hash)).all())
    assert hashes["en"] == ""
    assert len(hashes["zh"]) == 64


def test_steps_of_a_rubric_end_where_the_next_begins(session: Session) -> None:
    with transaction() as writing:
        install(writing, read_preset("rivergate"))
    anchors = content.anchors("zh")
    assert [(step.start, step.end) for step in anchors["results"]] == [
        (0, 10), (11, 30), (31, 50), (51, 70), (71, 90), (91, 100)
    ]  # fmt: skip
    assert [(step.start, step.end) for step in anchors["trust"]] == [(level, level) for level in range(1, 6)]
    assert {step.text.locale for steps in anchors.values() for step in steps} == {"zh"}


def test_installing_a_preset_twice_adds_nothing(session: Session) -> None:
    for _ in range(2):
        with transaction() as writing:
            install(writing, read_preset("rivergate"))
    assert session.scalar(select(func.count()).select_from(Indicator)) == 16
    number = session.scalar(select(func.count()).select_from(Translation))
    assert number == len({(text.entity, text.key, text.field, text.locale) for text in read_preset("rivergate").texts})


def test_every_preset_speaks_every_language_and_all_of_them_are_installable(session: Session) -> None:
    for preset in [*list_presets(), read_preset("kansas_city")]:
        assert set(preset.title) == set(LOCALES)
        assert preset.title_in("de") == preset.title["en"]
        said: dict[tuple[str, str, str], set[str]] = {}
        for text in preset.texts:
            said.setdefault((text.entity, text.key, text.field), set()).add(text.locale)
        assert {key for key, locales in said.items() if locales != set(LOCALES)} == set()
        with transaction() as writing:
            install(writing, preset)


@pytest.mark.parametrize("code", ["nothing", "../pyproject", "kansas city", ""])
def test_an_unknown_preset_is_not_found(code: str) -> None:
    with pytest.raises(NotFound):
        read_preset(code)
