"""What the set-up says about the people who rate: whether each group that counts has anybody to answer."""

from collections.abc import Mapping

from evalsys.i18n import _l
from evalsys.services.design.facts import SetupFacts

Said = tuple[str, Mapping[str, object], bool]
"""A message id, its values, and whether it is advice."""


def raters_notes(facts: SetupFacts, *, is_named: bool) -> list[Said]:
    """Groups with tasks: those of offices, or (`is_named`) those of experts."""
    notes: list[Said] = []
    for group in facts.groups:
        if group.mode != "assigned" or group.is_named != is_named or not group.counts:
            continue
        about = facts.rated.get(group.code, 0)
        values = {"group": str(group.name), "number": max(facts.units - about, 0)}
        if not about:
            notes.append((_l("%(group)s: nobody has a task yet."), values, True))
        elif about < facts.units:
            notes.append((_l("%(group)s: offices that nobody is asked about: %(number)s."), values, True))
        else:
            notes.append((_l("%(group)s: somebody is asked about every office."), values, False))
    return notes or [(_l("No group of this kind counts in this round."), {}, False)]


def invited_notes(facts: SetupFacts) -> list[Said]:
    """Groups that answer a public form: by invitation, by the open channel, or both."""
    notes: list[Said] = []
    for group in facts.groups:
        if group.mode != "public" or not group.counts:
            continue
        values = {"group": str(group.name), "number": facts.invited.get(group.code, 0)}
        if values["number"]:
            notes.append((_l("%(group)s: people on the list or with a code: %(number)s."), values, False))
        elif group.has_open_channel:
            message = _l("%(group)s: only the open channel so far, which is shown but counts nothing.")
            notes.append((message, values, True))
        else:
            notes.append((_l("%(group)s: nobody can answer yet. Invite people, or open the channel."), values, True))
    return notes or [(_l("No group of this kind counts in this round."), {}, False)]
