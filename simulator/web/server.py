"""The web server: FastAPI with the Gradio page mounted, on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import gradio as gr
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from simulator.errors import InputError, RepairRoomError
from simulator.session import Room
from simulator.studio.forgetting import forget_before
from simulator.web import record, studio
from simulator.web.endpoints import router
from simulator.web.guard import Door, loopback
from simulator.web.handlers import Desk
from simulator.web.pages import build
from simulator.web.theme import CSS, HEAD, THEME

log = structlog.get_logger()


def make_app(room: Room) -> FastAPI:
    """Return the web app over an open room; the room is closed when the app shuts down."""

    desk = Desk(room)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        desk.prepare()
        days = room.settings.retention_days
        daily = asyncio.create_task(_forget_daily(room, days)) if days else None
        yield
        if daily:
            daily.cancel()
        room.close()

    app = FastAPI(title="Repair Room", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    app.include_router(router(room, record, studio))
    app.add_middleware(Door, store=room.store)
    gr.mount_gradio_app(
        app,
        build(desk),
        path="/",
        theme=THEME,
        css=CSS,
        head=HEAD,
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        show_error=False,
        max_file_size="1mb",
    )
    return app


async def _forget_daily(room: Room, days: int) -> None:
    """Once at the start and once a day, delete what the retention setting says is to be forgotten."""
    while True:
        try:
            gone = await run_in_threadpool(
                forget_before, room.settings, room.store, datetime.now(UTC) - timedelta(days=days)
            )
            if gone:
                room.store.people.note("retention", f"forgot {gone} sessions", f"older than {days} days")
        except (RepairRoomError, OSError) as error:
            # A busy database or a full disk today is no reason not to try tomorrow.
            log.warning("old sessions could not be forgotten", reason=str(error))
        await asyncio.sleep(24 * 3600)


def serve(room: Room, host: str, port: int, *, ready: Callable[[str], None]) -> None:
    """Serve the app until it is interrupted; `ready` is told the address.

    Raises:
        InputError: the port is taken, or the address is not this computer's own.
    """
    protected(host, room.store.people.any())
    listener = listen(host, port)
    taken = listener.getsockname()[1]
    config = uvicorn.Config(make_app(room), log_level="warning", access_log=False, timeout_graceful_shutdown=3)
    ready(f"http://{'localhost' if host in ('127.0.0.1', '::1') else host}:{taken}")
    uvicorn.Server(config).run(sockets=[listener])


def protected(host: str, accounts: bool) -> None:
    """Refuse an address that others can reach while there are no accounts that could protect a session."""
    if not loopback(host) and not accounts:
        raise InputError(
            f"{host} can be reached by others, and there are no accounts yet.",
            how="Make one first: repair-room user add NAME --role administrator. Or use 127.0.0.1.",
        )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at the address, or raise InputError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise InputError(
            f"Port {port} on {host} cannot be used: {error.strerror or error}.",
            how="Something else, perhaps another Repair Room, uses it. Choose another port: "
            f"repair-room serve --port {port + 1 if port < 65535 else 0}",
        ) from error
    return listener
