"""The quality desk: rules, flags, exclusions, their effect, and the raters."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalsys.clock import utc_now
from evalsys.errors import EvalsysError, NotFound
from evalsys.i18n import current_locale
from evalsys.services.audit import require_on_record
from evalsys.services.quality import check, desk, effect, exclusions, flags, raters, rules
from evalsys.services.quality.rules import CODES, PARAMETERS, Setting
from evalsys.web import actor, make_blueprint, notify
from forms.quality import ConfirmForm, ExclusionForm, LiftForm, RuleForm, build_rule_form

blueprint = make_blueprint("oversight_quality", right="quality.read", prefix="/oversight/rounds/<round_code>/quality")


@blueprint.get("")
def show(round_code: str) -> str:
    """Flags by rule, office, channel and day, and exclusions."""
    return render_template("oversight/quality.html", page=desk.desk_page(actor(), round_code, current_locale()))


@blueprint.post("/checks")
def look(round_code: str) -> Response:
    """Have all answers looked at now."""
    batch = check.request_check(actor(), round_code, now=utc_now())
    notify("The answers are being checked. Go back to the desk when this is done.")
    return redirect(url_for("oversight.job", batch=batch))


@blueprint.get("/flags")
def flagged(round_code: str) -> str:
    """The flagged answers, without anybody's identity."""
    rule, number = request.args.get("rule", ""), request.args.get("page", "")
    place = int(number) if number.isascii() and number.isdecimal() and len(number) <= len("99999") else 1
    wanted = rule if rule in CODES else ""
    page = flags.flags_page(actor(), round_code, wanted, place, current_locale())
    return render_template("oversight/quality_flags.html", page=page)


@blueprint.get("/rules")
def settings(round_code: str) -> str:
    """The rules and their numbers."""
    return _rules(round_code, {})


@blueprint.post("/rules/<rule>")
def set_rule(round_code: str, rule: str) -> str | tuple[str, int] | Response:
    """Set one rule."""
    require_on_record(actor(), "quality.set", "page:oversight_quality.set_rule", now=utc_now())
    if rule not in CODES:
        raise NotFound("This rule does not exist.")
    form = _rule_form(rule, request.form)
    if not form.validate():
        return _rules(round_code, {rule: form}), 422
    wanted = Setting(rule, form.parameters(), form.is_on.data, form.excludes.data)
    try:
        rules.set_rule(actor(), round_code, wanted, now=utc_now())
    except EvalsysError as refusal:
        return _rules(round_code, {rule: form}, refusal), refusal.status
    notify("The rule is set. The next check uses it.")
    return redirect(url_for("oversight_quality.settings", round_code=round_code))


@blueprint.route("/exclusions/new", methods=["GET", "POST"])
def propose(round_code: str) -> str | tuple[str, int] | Response:
    """Propose to leave flagged answers out."""
    require_on_record(actor(), "exclusion.propose", "page:oversight_quality.propose", now=utc_now())
    units, channels = desk.choices(actor(), round_code, locale := current_locale())
    codes = [code for code, _name in units]
    form = ExclusionForm(
        request.form if request.method == "POST" else request.args, rules=CODES, units=codes, channels=channels
    )
    known = {"form": form, "units": units, "channels": channels, "page": desk.rules_page(actor(), round_code, locale)}
    if request.method == "GET" or not form.validate():
        return render_template("oversight/exclusion_new.html", **known), 422 if request.method == "POST" else 200
    try:
        made = exclusions.propose_exclusion(actor(), round_code, _selection(form), form.reason.data, now=utc_now())
    except EvalsysError as refusal:
        return render_template("oversight/exclusion_new.html", **known, refusal=refusal), refusal.status
    notify("Your proposal is stored. Somebody else decides on it.")
    return redirect(url_for("oversight_quality.exclusion", round_code=round_code, number=made))


@blueprint.post("/exclusions/rules")
def apply_rules(round_code: str) -> Response:
    """Leave out what the excluding rules find."""
    count = exclusions.apply_rules(actor(), round_code, now=utc_now())
    notify("Answers left out by rule: %(number)s.", number=count)
    return redirect(url_for("oversight_quality.show", round_code=round_code))


@blueprint.get("/exclusions/<int:number>")
def exclusion(round_code: str, number: int) -> str:
    """One exclusion: what is in it, who decided, what can be done."""
    return _exclusion(round_code, number)


@blueprint.post("/exclusions/<int:number>/decision")
def decide(round_code: str, number: int) -> tuple[str, int] | Response:
    """Confirm or decline a proposal."""
    form = ConfirmForm(request.form)
    if not form.validate():
        return _exclusion(round_code, number, form=form), 422
    decision = exclusions.Decision(number, form.decision.data == "confirm", form.reason.data)
    exclusions.decide_exclusion(actor(), round_code, decision, now=utc_now())
    notify("Your decision is stored.")
    return redirect(url_for("oversight_quality.exclusion", round_code=round_code, number=number))


@blueprint.post("/exclusions/<int:number>/lift")
def lift(round_code: str, number: int) -> tuple[str, int] | Response:
    """Let the answers count again."""
    form = LiftForm(request.form)
    if not form.validate():
        return _exclusion(round_code, number, lift=form), 422
    exclusions.lift_exclusion(actor(), round_code, number, form.reason.data, now=utc_now())
    notify("These answers count again.")
    return redirect(url_for("oversight_quality.exclusion", round_code=round_code, number=number))


@blueprint.post("/exclusions/<int:number>/effect")
def show_effect(round_code: str, number: int) -> str:
    """Scores with and without these answers; that somebody looked is put on record."""
    found = effect.effect_of(actor(), round_code, number, current_locale(), now=utc_now())
    return _exclusion(round_code, number, effect=found)


@blueprint.get("/raters")
def rater_table(round_code: str) -> str:
    """Severity of named raters, and units that rate each other."""
    page = raters.raters_page(actor(), round_code, current_locale())
    return render_template("oversight/quality_raters.html", page=page)


def _selection(form: ExclusionForm) -> exclusions.Selection:
    return exclusions.Selection(
        rule=form.rule.data or "",
        grade=int(form.grade.data),
        unit=form.unit.data or "",
        channel=form.channel.data or "",
        first=form.first.data,
        last=form.last.data,
    )


def _rule_form(code: str, sent: object) -> RuleForm:
    numbers = [(one.name, one.low, one.high) for one in PARAMETERS[code]]
    return build_rule_form(numbers)(sent, prefix=f"{code}-")


def _rules(round_code: str, typed: dict[str, RuleForm], refusal: EvalsysError | None = None) -> str:
    page = desk.rules_page(actor(), round_code, current_locale())
    forms = dict(typed)
    for one in page.rules:
        if one.code not in forms:
            numbers = [(known.name, known.low, known.high) for known in PARAMETERS[one.code]]
            now_set = {**one.parameters, "is_on": one.is_on, "excludes": one.excludes}
            forms[one.code] = build_rule_form(numbers)(None, prefix=f"{one.code}-", data=now_set)
    return render_template("oversight/quality_rules.html", page=page, forms=forms, typed=typed, refusal=refusal)


def _exclusion(round_code: str, number: int, **more: object) -> str:
    page = desk.exclusion_page(actor(), round_code, number, current_locale())
    known = {"form": ConfirmForm(), "lift": LiftForm(), "effect": None, **more}
    return render_template("oversight/exclusion.html", page=page, **known)
