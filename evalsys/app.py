"""Where the parts meet."""

import pkgutil
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, cast

from flask import Flask, Request, g
from werkzeug.middleware.proxy_fix import ProxyFix

from evalsys import cli
from evalsys.config import PROJECT, Config, ConfigError
from evalsys.db import db
from evalsys.i18n import DEFAULT_LOCALE, babel, current_locale
from evalsys.services.guard import Limits
from evalsys.services.signing.keys import check_settings
from evalsys.services.waking import WAKER, Waker
from evalsys.views import (
    account,
    api,
    consultations,
    entry,
    evidence,
    experts,
    feeds,
    head,
    head_commitments,
    head_downloads,
    head_draft,
    head_release,
    invitations,
    kiosk,
    league,
    open_data,
    oversight,
    oversight_accounts,
    oversight_adoption,
    oversight_auditing,
    oversight_bench,
    oversight_calendar,
    oversight_consultations,
    oversight_design,
    oversight_downloads,
    oversight_elicitations,
    oversight_explorer,
    oversight_fieldwork,
    oversight_figures,
    oversight_findings,
    oversight_groups,
    oversight_indicators,
    oversight_objections,
    oversight_pairs,
    oversight_places,
    oversight_quality,
    oversight_questionnaires,
    oversight_releases,
    oversight_results,
    oversight_roll,
    oversight_rounds,
    oversight_runs,
    oversight_transfers,
    oversight_units,
    oversight_visits,
    oversight_weights,
    oversight_withdrawals,
    panels,
    public,
    rater,
    rating,
    results,
    sharing,
    supervisor,
    verification,
)
from evalsys.web import init_web

FORM_BYTES = 64 * 1024

oversight_adoption.attach(oversight_weights.blueprint)
results.attach(public.blueprint)
league.attach(public.blueprint)
sharing.attach(public.blueprint)
open_data.attach(public.blueprint)
api.attach(public.blueprint)
rating.attach(public.blueprint)

BLUEPRINTS = (
    public.root,
    open_data.files,
    api.blueprint,
    feeds.blueprint,
    public.blueprint,
    consultations.blueprint,
    account.blueprint,
    rater.blueprint,
    head.blueprint,
    oversight.blueprint,
    oversight_rounds.blueprint,
    oversight_design.blueprint,
    oversight_calendar.blueprint,
    oversight_weights.blueprint,
    oversight_bench.blueprint,
    oversight_consultations.blueprint,
    oversight_elicitations.blueprint,
    oversight_runs.blueprint,
    oversight_explorer.blueprint,
    oversight_figures.blueprint,
    oversight_findings.blueprint,
    oversight_auditing.blueprint,
    oversight_accounts.blueprint,
    oversight_transfers.blueprint,
    oversight_groups.blueprint,
    oversight_questionnaires.blueprint,
    oversight_quality.blueprint,
    oversight_fieldwork.blueprint,
    oversight_pairs.blueprint,
    oversight_visits.blueprint,
    head_release.blueprint,
    head_draft.blueprint,
    head_downloads.blueprint,
    oversight_objections.blueprint,
    oversight_results.blueprint,
    oversight_releases.blueprint,
    head_commitments.blueprint,
    oversight_downloads.blueprint,
    oversight_withdrawals.blueprint,
    supervisor.blueprint,
    panels.blueprint,
    experts.blueprint,
    evidence.blueprint,
    oversight_roll.blueprint,
    oversight_places.blueprint,
    oversight_units.blueprint,
    oversight_indicators.blueprint,
    invitations.blueprint,
    kiosk.device,
    kiosk.blueprint,
    entry.blueprint,
    verification.root,
    verification.blueprint,
)


class FileRequest(Request):
    """A request whose uploaded files go where `g.file_maker` says, instead of through memory."""

    def _get_file_stream(self, *args: Any, **kwargs: Any) -> IO[bytes]:
        maker = g.get("file_maker")
        return cast(IO[bytes], maker()) if maker else super()._get_file_stream(*args, **kwargs)


def create_app(config: Config) -> Flask:
    """Build the application from its settings; nothing is read from anywhere else."""
    config.instance_path.mkdir(parents=True, exist_ok=True)
    app = Flask(
        "evalsys",
        instance_path=str(config.instance_path.resolve()),
        template_folder=str(PROJECT / "templates"),
        static_folder=str(PROJECT / "evalsys" / "static"),
    )
    app.request_class = FileRequest
    app.config.from_mapping(_flask_settings(config))
    check_settings(config)
    db.init_app(app)
    babel.init_app(
        app,
        default_locale=DEFAULT_LOCALE,
        default_translation_directories=str(Path(__file__).parent / "translations"),
        locale_selector=current_locale,
    )
    init_web(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    cli.register(app)
    if config.broker_url:
        app.extensions[WAKER] = _waker(config)
    if config.trusted_proxies:
        # Without it every visitor has the proxy's address, and ten wrong passwords of one lock out all.
        app.wsgi_app = ProxyFix(app.wsgi_app, config.trusted_proxies, config.trusted_proxies)  # type: ignore[method-assign]
    return app


def _waker(config: Config) -> Waker:
    """What calls workers on other hosts; named as text, because its packages are an extra that most do without."""
    try:
        waker: Waker = pkgutil.resolve_name("evalsys.celery_app:make_waker")(config)
    except ModuleNotFoundError as error:
        raise ConfigError(f"EVALSYS_BROKER_URL needs the extra celery: pip install celery[redis] ({error})") from error
    return waker


def _flask_settings(config: Config) -> dict[str, object]:
    cookie = "__Host-evalsys" if config.is_production else "evalsys"
    return {
        "EVALSYS": config,
        "SECRET_KEY": config.secret_key,
        "SQLALCHEMY_DATABASE_URI": config.database_url,
        "GUARD": Limits(),
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "MAX_FORM_PARTS": 200,
        "SESSION_COOKIE_NAME": cookie,
        "SESSION_COOKIE_SECURE": config.is_production,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=12),
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": False,
    }
