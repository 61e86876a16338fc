"""Makes the console's Sanic app."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog
from sanic import HTTPResponse, Request, Sanic, response
from sqlalchemy.exc import SQLAlchemyError

from helpline.learning.worker import Worker
from helpline.staff import first_login, guards, notes, pages
from helpline.staff.throttle import SignInThrottle
from helpline.staff.views import (
    account,
    answers,
    audit,
    conversations,
    corrections,
    export,
    kill_switch,
    models,
    password_link,
    questions,
    review,
    settings_page,
    sign_in,
    staff_accounts,
    statistics,
)
from helpline.store import day_counts
from helpline.store.database import Store
from helpline.store.stored_settings import effective
from process_memory import give_back_memory
from settings import Settings

UPKEEP_SECONDS = 3600
_log = structlog.get_logger("helpline.staff")


def create_app(settings: Settings) -> Sanic[Any, Any]:
    """Make the app; the database is opened when it starts."""
    app: Sanic[Any, Any] = Sanic("helpline-staff", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = settings.request_max_bytes
    app.config.PROXIES_COUNT = settings.trusted_proxies or None
    app.config.FALLBACK_ERROR_FORMAT = "html"
    app.config.OAS = False
    app.ctx.settings = settings
    app.ctx.throttle = SignInThrottle(settings.secret("staff"))
    # Apart, so that nobody can use up from outside what the account page allows.
    app.ctx.password_throttle = SignInThrottle(settings.secret("staff"))
    app.before_server_start(_open)
    app.after_server_start(_begin_upkeep)
    app.after_server_stop(_close)
    guards.install(app)
    pages.install(app)
    app.add_route(_healthz, "/healthz", methods=["GET"], ctx_public=True)
    for module in (
        sign_in,
        password_link,
        conversations,
        review,
        corrections,
        export,
        answers,
        audit,
        account,
        staff_accounts,
        kill_switch,
        models,
        questions,
        settings_page,
        statistics,
    ):
        app.blueprint(module.blueprint)
    return app


async def _open(app: Sanic[Any, Any]) -> None:
    settings: Settings = app.ctx.settings
    store = Store(settings.database_url)
    # An error of the database may quote the values of a statement, such as a note.
    store.engine.hide_parameters = True
    await store.migrate()
    if await asyncio.to_thread(first_login.create_if_needed, store, settings):
        _log.info("first account made", file=str(first_login.credentials_file(settings)))
    app.ctx.store = store
    app.ctx.worker = Worker(store, settings)
    give_back_memory()


async def _begin_upkeep(app: Sanic[Any, Any]) -> None:
    app.add_task(_upkeep(app), name="upkeep")
    app.add_task(app.ctx.worker.run(), name="learning")


async def _upkeep(app: Sanic[Any, Any]) -> None:
    """Erase old notes, and count the days that are over, now and every hour."""
    while True:
        try:
            # A few days at a time: whoever writes waits meanwhile.
            for day in await app.ctx.store.read(day_counts.unsettled_days):
                await app.ctx.store.write(day_counts.settle_days, [day])
            days = (await app.ctx.store.read(effective, app.ctx.settings)).retention_days
            while await app.ctx.store.write(notes.erase_old_notes, days):
                pass
        except SQLAlchemyError as error:
            _log.error("upkeep was not finished", error=type(error).__name__)
        await asyncio.sleep(UPKEEP_SECONDS)


async def _close(app: Sanic[Any, Any]) -> None:
    app.ctx.store.close()


async def _healthz(request: Request) -> HTTPResponse:
    """Say that the process answers."""
    return response.json({"status": "ok"})
