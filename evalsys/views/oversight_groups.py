"""The groups of a round: who rates, how they are asked, and what they count."""

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError
from evalsys.i18n import LOCALES, current_locale
from evalsys.services import groups
from evalsys.services.audit import require_on_record
from evalsys.services.groups import GroupOptions, NewGroup, NewStratum
from evalsys.web import actor, make_blueprint, notify
from forms.group import NewGroupForm, OptionsForm, WeightOfGroupForm, build_options_form

blueprint = make_blueprint("oversight_groups", right="oversight.read", prefix="/oversight/rounds/<round_code>/groups")

Page = tuple[str, int]


@blueprint.get("")
def show(round_code: str) -> str:
    """All groups with their questionnaires."""
    page = groups.groups_page(actor(), round_code, current_locale())
    return render_template("oversight/groups/groups.html", page=page)


@blueprint.route("/new", methods=["GET", "POST"])
def new(round_code: str) -> str | Page | Response:
    """Add a group: look at what everybody would count, then propose."""
    require_on_record(actor(), "group.edit", "page:oversight_groups.new", now=utc_now())
    page = groups.groups_page(actor(), round_code, current_locale())
    form = NewGroupForm(request.form if request.method == "POST" else None, sources=[code for code, _ in page.forms])
    if request.method == "GET":
        return _new_page(page, form)
    if not form.validate():
        return _new_page(page, form), 422
    wanted = _wanted(form)
    try:
        if request.form.get("act") == "check":
            return _new_page(page, form, lines=groups.preview_group(actor(), round_code, wanted, current_locale()))
        groups.add_group(actor(), round_code, wanted, now=utc_now())
    except EvalsysError as refusal:
        return _new_page(page, form, refusal=refusal), refusal.status
    notify("The group is added. Its weight waits for a board member's approval.")
    return redirect(url_for("oversight_groups.edit", round_code=round_code, group=wanted.code))


@blueprint.get("/<group>")
def edit(round_code: str, group: str) -> str:
    """How a group is asked, its questionnaires, and what it counts."""
    return _group_page(round_code, group)


@blueprint.post("/<group>")
def set_options(round_code: str, group: str) -> Page | Response:
    """Change how a group is asked."""
    require_on_record(actor(), "group.edit", "page:oversight_groups.set_options", now=utc_now())
    _page, line = groups.group_page(actor(), round_code, group, current_locale())
    strata = [code for code, _, _ in line.strata]
    form = build_options_form(strata)(request.form)
    if not form.validate():
        return _group_page(round_code, group, form=form), 422
    try:
        groups.set_options(actor(), round_code, group, _options(form, form.parents(strata)), now=utc_now())
    except EvalsysError as refusal:
        return _group_page(round_code, group, form=form, refusal=refusal), refusal.status
    notify("The options of the group are saved.")
    return redirect(url_for("oversight_groups.edit", round_code=round_code, group=group))


@blueprint.post("/<group>/weight")
def propose(round_code: str, group: str) -> str | Page | Response:
    """Look at what everybody would count with another weight of this group, or propose it."""
    require_on_record(actor(), "group.edit", "page:oversight_groups.propose", now=utc_now())
    form = WeightOfGroupForm(request.form)
    if not form.validate():
        return _group_page(round_code, group, weight_form=form), 422
    try:
        if request.form.get("act") == "check":
            lines = groups.preview_weight(actor(), round_code, group, form.weight.data, current_locale())
            return _group_page(round_code, group, weight_form=form, lines=lines)
        groups.propose_weight(actor(), round_code, group, (form.weight.data, form.reason.data), now=utc_now())
    except EvalsysError as refusal:
        return _group_page(round_code, group, weight_form=form, refusal=refusal), refusal.status
    notify("Proposed. A board member decides.")
    return redirect(url_for("oversight_groups.edit", round_code=round_code, group=group))


def _new_page(page: groups.GroupsPage, form: NewGroupForm, **more: Any) -> str:
    return render_template("oversight/groups/new.html", page=page, form=form, **more)


def _group_page(round_code: str, group: str, **more: Any) -> str:
    page, line = groups.group_page(actor(), round_code, group, current_locale())
    strata = [code for code, _, _ in line.strata]
    shown = {name: getattr(line.options, name) for name in line.options.__dataclass_fields__}
    shown |= {f"parent{place}": line.options.parents.get(code, "") for place, code in enumerate(strata)}
    known = {"form": build_options_form(strata)(data=shown), "weight_form": WeightOfGroupForm()} | more
    return render_template("oversight/groups/group.html", page=page, line=line, **known)


def _options(form: OptionsForm, parents: dict[str, str]) -> GroupOptions:
    return GroupOptions(
        mode=form.mode.data,
        has_open_channel=form.has_open_channel.data,
        needs_release=form.needs_release.data,
        has_two_rounds=form.has_two_rounds.data,
        needs_calibration=form.needs_calibration.data,
        parents=parents,
    )


def _wanted(form: NewGroupForm) -> NewGroup:
    strata = form.strata() if form.mode.data == "public" else []
    return NewGroup(
        code=form.code.data,
        names={locale: form[f"name_{locale}"].data for locale in LOCALES},
        promise=form.promise.data,
        minimum=(form.hidden.data, form.overseer.data, form.indicative.data),
        strata=tuple(NewStratum(code, names, weight) for code, names, weight, _ in strata if weight is not None),
        options=_options(form, {code: parent for code, _, _, parent in strata if parent}),
        source=form.source.data or "",
        weight=form.weight.data,
        reason=form.reason.data,
    )
