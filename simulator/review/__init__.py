"""Looking back: debrief, scoring of whole transcripts, plots."""

from simulator.review.debrief import SIMULATION, Debrief, changes, debrief, gap, took_it
from simulator.review.plots import PARTNER_COLOURS, session_plot
from simulator.review.scoring import Transcript, read_transcript, score_transcripts
from simulator.review.wording import model_wording

__all__ = [
    "PARTNER_COLOURS",
    "SIMULATION",
    "Debrief",
    "Transcript",
    "changes",
    "debrief",
    "gap",
    "model_wording",
    "read_transcript",
    "score_transcripts",
    "session_plot",
    "took_it",
]
