"""Drawing posters. Only worker processes import this: the PDF engine is slow to load and large."""

from flask import current_app

from evalsys.clock import utc_now
from evalsys.db import db
from evalsys.reports import pdf
from evalsys.reports.letters import posters_html
from evalsys.services import posters, work
from evalsys.services.files import write_whole

LEASE_SECONDS = 600


def print_posters(item: work.Claimed) -> None:
    """Draw the posters of one item (kind "posters") into one file, unless the same were drawn before."""
    work.prolong(item, utc_now(), LEASE_SECONDS)
    made = posters.make_posters(item.payload["codes"])
    db.session.rollback()
    path = posters.path_of(made)
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    title = made[0].panels[0].name if len(made) == 1 else made[0].body_name
    write_whole(path, pdf.render(posters_html(made, title, made[0].body_name, current_app.jinja_env)))
