"""The pages of the record as plain documents: my work, a session, reviews, agreement, people, account."""

from __future__ import annotations

from simulator.web.record import cohort, people, review, session, sign_in, work
from simulator.web.record.endpoints import ENDPOINTS, router, routes_of

__all__ = ["ENDPOINTS", "cohort", "people", "review", "router", "routes_of", "session", "sign_in", "work"]
