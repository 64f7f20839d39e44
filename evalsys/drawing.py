"""Pages that are drawn once and shown often: alike for all visitors but for their tokens, which are put in last."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from threading import Lock
from typing import Any

from flask import current_app, render_template, request, session
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import escape

from evalsys.i18n import current_locale
from evalsys.services.content import body_name
from forms.base import BaseForm

PAGES_KEPT = 256
CSRF = "csrf_token"
_kept: "OrderedDict[Hashable, str]" = OrderedDict()
_lock = Lock()


def render_once(template: str, tokens: Mapping[str, str], **context: Any) -> str:
    """The page as `render_template` gives it, drawn anew only when something in it may differ.

    `tokens` are random texts of this showing (context of the template as well, which may only print them or ask whether
    they are there): they are put into the kept page, escaped as the template would. Everything else that the template
    shows must come from `context`, from the address or from what all pages share: it makes the key. A page for somebody
    signed in, with a message to show, with a filled or faulty form, or with a value that cannot be compared is drawn as
    usual and not kept.
    """
    key = _key(template, {**context, "tokens": sorted(tokens)})
    if key is None:
        return render_drawn(template, tokens, **context)
    with _lock:
        page = _kept.get(key)
        if page is not None:
            _kept.move_to_end(key)
    if page is None:
        # Drawn with marks from the start: what is kept has never held a token, whatever the template does with it.
        marks = {name: _mark(name) for name in tokens}
        page = render_drawn(template, marks, **context).replace(generate_csrf(), _mark(CSRF))
        _keep(key, page)
    for name, token in {**tokens, CSRF: generate_csrf()}.items():
        page = page.replace(_mark(name), str(escape(token)))
    return page


def render_drawn(template: str, tokens: Mapping[str, str], **context: Any) -> str:
    """The same page, drawn anew."""
    return render_template(template, **tokens, **context)


def _key(template: str, context: Mapping[str, Any]) -> Hashable | None:
    if current_user.is_authenticated or "_flashes" in session or request.method != "GET":
        return None
    try:
        parts = tuple((name, _frozen(value)) for name, value in sorted(context.items()))
        key = template, request.script_root, request.full_path, current_locale(), parts
        hash(key)
    except TypeError:
        return None
    return key, body_name(current_locale(), str(current_app.config["EVALSYS"].body_name))


def _frozen(value: Any) -> Hashable:
    """Raises TypeError for what cannot stand in a key."""
    if isinstance(value, BaseForm):
        if any(field.data or field.errors for field in value):
            raise TypeError("a filled form")
        return id(type(value))  # classes of forms are kept with their documents, as `shown` beside them is
    if isinstance(value, dict):
        return tuple((name, _frozen(part)) for name, part in sorted(value.items()))
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value


def _mark(name: str) -> str:
    return f"\0{name}\0"


def _keep(key: Hashable, page: str) -> None:
    with _lock:
        _kept[key] = page
        while len(_kept) > PAGES_KEPT:
            _kept.popitem(last=False)
