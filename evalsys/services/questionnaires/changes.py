"""What an editor does to a document: every function gives a new one; places count from 0."""

from collections.abc import Sequence
from dataclasses import replace

from evalsys.errors import Invalid, NotFound
from evalsys.services.questionnaires.document import Document, Item, Section


def item_at(document: Document, section: int, place: int) -> Item:
    """One item. Raises NotFound."""
    items = section_at(document, section).items
    if not 0 <= place < len(items):
        raise NotFound("This question does not exist.")
    return items[place]


def section_at(document: Document, section: int) -> Section:
    """One section. Raises NotFound."""
    if not 0 <= section < len(document.sections):
        raise NotFound("This section does not exist.")
    return document.sections[section]


def put_item(document: Document, section: int, place: int | None, item: Item) -> Document:
    """Put an item in the place of another, or at the end of its section when `place` is None."""
    if not document.sections and place is None:
        return replace(document, sections=(Section(items=(item,)),))
    items = list(section_at(document, section).items)
    if place is None:
        items.append(item)
    else:
        item_at(document, section, place)
        items[place] = item
    return _with_items(document, section, items)


def remove_item(document: Document, section: int, place: int) -> Document:
    """Take an item out."""
    item_at(document, section, place)
    kept = [item for found, item in enumerate(document.sections[section].items) if found != place]
    return _with_items(document, section, kept)


def move_item(document: Document, section: int, place: int, step: int) -> Document:
    """Move an item one place up (-1) or down (+1); past the edge of its section it enters the neighbouring one."""
    item, items = item_at(document, section, place), list(document.sections[section].items)
    target = place + step
    if 0 <= target < len(items):
        items[place], items[target] = items[target], item
        return _with_items(document, section, items)
    neighbour = section + step
    if not 0 <= neighbour < len(document.sections):
        raise Invalid("The question stands at the edge already.")
    there = list(document.sections[neighbour].items)
    there.insert(len(there) if step < 0 else 0, item)
    return _with_items(remove_item(document, section, place), neighbour, there)


def put_section(document: Document, section: int | None, new: Section) -> Document:
    """Give a section other words, or add one at the end when `section` is None; its items stay."""
    if section is None:
        return replace(document, sections=(*document.sections, new))
    former = section_at(document, section)
    return _with_section(document, section, replace(former, title=new.title, intro=new.intro))


def remove_section(document: Document, section: int) -> Document:
    """Take an empty section out. Raises Invalid while questions are in it."""
    if section_at(document, section).items:
        raise Invalid("Move or remove the questions of this section first.")
    return replace(document, sections=document.sections[:section] + document.sections[section + 1 :])


def _with_items(document: Document, section: int, items: Sequence[Item]) -> Document:
    return _with_section(document, section, replace(document.sections[section], items=tuple(items)))


def _with_section(document: Document, section: int, new: Section) -> Document:
    return replace(document, sections=(*document.sections[:section], new, *document.sections[section + 1 :]))
