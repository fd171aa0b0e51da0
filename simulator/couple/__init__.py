"""Who they are: the schema and the loader of personas/."""

from simulator.couple.loader import Library, Problem, load_library, parse_couple, parse_scenario, problems, with_couples
from simulator.couple.schema import MOODS, MOVES, Bid, Couple, Fact, Line, OpeningBeat, Partner, Scenario

__all__ = [
    "MOODS",
    "MOVES",
    "Bid",
    "Couple",
    "Fact",
    "Library",
    "Line",
    "OpeningBeat",
    "Partner",
    "Problem",
    "Scenario",
    "load_library",
    "parse_couple",
    "parse_scenario",
    "problems",
    "with_couples",
]
