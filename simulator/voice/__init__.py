"""The language model: weights, backends, the prompt, and the critic who chooses a line."""

from simulator.voice.authored import Heard, Wanted, choose_authored
from simulator.voice.backends import Sampling, Voice, model_names, open_model
from simulator.voice.critic import Verdict
from simulator.voice.prompt import Cast, Exchange, Person, Spoken, screenplay
from simulator.voice.rules import leaks
from simulator.voice.speak import ALWAYS_ASK, AUTHORED_FROM, Moment, speak
from simulator.voice.standard import TO_PARTNER, AuthoredLine, Standard, make_standard
from simulator.voice.weights import check, manifest, pull, weights, weights_path

__all__ = [
    "ALWAYS_ASK",
    "AUTHORED_FROM",
    "TO_PARTNER",
    "AuthoredLine",
    "Cast",
    "Exchange",
    "Heard",
    "Moment",
    "Person",
    "Sampling",
    "Spoken",
    "Standard",
    "Verdict",
    "Voice",
    "Wanted",
    "check",
    "choose_authored",
    "leaks",
    "make_standard",
    "manifest",
    "model_names",
    "open_model",
    "pull",
    "screenplay",
    "speak",
    "weights",
    "weights_path",
]
