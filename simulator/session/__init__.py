"""The turn loop: state, director, transcript, scenario progress."""

from simulator.session.loop import Session
from simulator.session.progress import DIFFICULTIES, Beat, Progress
from simulator.session.room import Room
from simulator.session.state import Act, PartnerState, update

__all__ = ["DIFFICULTIES", "Act", "Beat", "PartnerState", "Progress", "Room", "Session", "update"]
