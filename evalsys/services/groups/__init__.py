"""Groups by configuration: who else rates in a round, how they are asked, and what they count."""

from evalsys.services.groups.adding import (
    NewGroup,
    NewStratum,
    add_group,
    preview_group,
    preview_weight,
    propose_weight,
)
from evalsys.services.groups.options import GroupOptions, set_options
from evalsys.services.groups.pages import GroupLine, GroupsPage, group_page, groups_page

__all__ = [
    "GroupLine",
    "GroupOptions",
    "GroupsPage",
    "NewGroup",
    "NewStratum",
    "add_group",
    "group_page",
    "groups_page",
    "preview_group",
    "preview_weight",
    "propose_weight",
    "set_options",
]
