"""The web app: one module a page."""

from simulator.web.server import make_app, serve

__all__ = ["make_app", "serve"]
