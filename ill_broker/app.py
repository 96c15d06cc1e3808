"""Puts the web application together, nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ill_broker import clock, telemetry
from ill_broker.api import operations
from ill_broker.api.contract import describe
from ill_broker.api.resources import RESOURCES
from ill_broker.pages.errors import error_page
from ill_broker.pages.every import hang_pages
from ill_broker.web.context import put_services
from ill_broker.web.edges import guard_edges
from ill_broker.web.throttle import Throttle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from ill_broker.settings import Settings


def create_app(
    settings: Settings, services: Iterable[object] = (), *, now: Callable[[], datetime] = clock.now
) -> Flask:
    """Return the application; without services it knows its contract and answers nothing."""
    telemetry.log_as_json(settings.log_level)
    app = Flask("ill_broker", static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="ill_broker",
        SESSION_COOKIE_SECURE=settings.is_secure,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        TRUSTED_HOSTS=None,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # how Flask is wrapped
    put_services(app, [settings, Throttle(), *services], now)
    guard_edges(app, settings)
    describe(app, RESOURCES, elsewhere=error_page)
    app.register_blueprint(operations.blueprint)
    app.register_blueprint(hang_pages())
    return app
