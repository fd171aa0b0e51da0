"""The pages of the record as plain documents: my work, a session, reviews, agreement, people, account."""

from __future__ import annotations

from simulator.web.record import cohort, drill, people, review, session, sign_in, work
from simulator.web.record.endpoints import ENDPOINTS, router, routes_of

__all__ = ["ENDPOINTS", "cohort", "drill", "people", "review", "router", "routes_of", "session", "sign_in", "work"]
