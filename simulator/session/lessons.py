"""What an adapter learns from and is tried on, taken from the library: its couples' prompts and their authors' lines."""

from __future__ import annotations

from simulator.couple import Library
from simulator.session.cast import cast_of
from simulator.voice import TO_PARTNER, Cast
from simulator.voice.adapter.scenes import THERAPIST, Scene, Turn

# In no scene, so that an adapter can be tried on couples that it has never met.
UNSEEN = ("khalid-and-tom", "wanjiru-and-samuel")


# Invented couples whose scenes say when the training has gone far enough.
HELD_OUT = ("nuala-and-fintan", "bisola-and-chidi")


def library_casts(library: Library) -> dict[str, tuple[Cast, Cast]]:
    """Return both partners' casts of every couple of the library."""
    found: dict[str, tuple[Cast, Cast]] = {}
    for name in library.couples:
        couple = library.couple(name)
        one, two = couple.partners
        found[name] = (cast_of(couple, one), cast_of(couple, two))
    return found


def authored_scenes(library: Library, name: str, *, most: int = 60) -> list[Scene]:
    """Return up to `most` authored lines of a couple, each with the words it answers, as scenes of two turns."""
    couple = library.couple(name)
    found: list[Scene] = []
    for partner in couple.partners:
        own = [line for line in partner.lines if line.cues]
        for number, line in enumerate(own[:: max(1, 2 * len(own) // most)][: most // 2]):
            before = couple.other(partner.id).name if line.move in TO_PARTNER else THERAPIST
            answered = Turn(speaker=before, text=line.cues[0])
            said = Turn(speaker=partner.name, text=line.say, move=line.move, mood=line.mood)
            found.append(Scene(id=f"{partner.id}-{number}", couple=name, therapist="skilled", turns=[answered, said]))
    return found
