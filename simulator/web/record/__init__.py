"""The pages of the record as plain documents: my work, a session, drills, reviews, agreement, people, account.

Importing this package makes its endpoints; `simulator.web.endpoints.router` serves them.
"""

from __future__ import annotations

from simulator.web.record import agreement, cohort, drill, people, queue, review, session, sign_in, work

__all__ = ["agreement", "cohort", "drill", "people", "queue", "review", "session", "sign_in", "work"]
