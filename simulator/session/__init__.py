"""The turn loop: state, director, transcript, scenario progress."""

from simulator.session.loop import Begun, Session
from simulator.session.progress import DIFFICULTIES
from simulator.session.room import Room

__all__ = ["DIFFICULTIES", "Begun", "Room", "Session"]
