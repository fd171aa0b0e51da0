"""The techniques that scenarios let a trainee practise, and the page that says which scenario calls for which."""

from __future__ import annotations

from simulator.couple.loader import Library

# Number -> (technique, what the trainee is heard doing); from the literature on rebuilding trust after a boundary
# violation. Scenarios name these numbers.
TECHNIQUES: dict[int, tuple[str, str]] = {
    1: (
        "Compassionate pause",
        "names shock, anger, shame and disbelief in each, judges none of it, says what comes next",
    ),
    2: ("The act apart from the person", "keeps both the harm and the person in the room"),
    3: ("The harmed partner is heard and believed", "validates the impact before anything else"),
    4: ("Patterns, power and consent", "explores what let harm happen, and excuses nothing"),
    5: ("Rituals of communication", "treats a missed check-in as information"),
    6: ("Naming discomfort early", "asks before, and makes a no easy"),
    7: ("Feelings into clear requests", "turns a resentment into something that can be asked for"),
    8: ("Structured dialogue", "slows down, and has one say what was heard"),
    9: ("Written agreements", "asks for words that can be observed, and for dates to look again"),
    10: ("Self-regulation", "helps to name the trigger, and plans a step"),
    11: ("Repairing the story", "helps both to tell it without erasing either"),
    12: ("A sincere apology", "invites something specific, impact before intention"),
    13: ("Cadence", "holds the pace, and hurries nobody to forgive"),
    14: ("Safety signals", "turns fear into a signal both agree on"),
    15: ("Misattunement", "looks at the record together, and plays no detective"),
    16: ("No triangulation", "declines to judge, keep or carry, and sends it back to the two of them"),
    17: ("Pause, describe, request, respond", "leads the couple through the four steps"),
    18: ("Consent before any new step", "seeks a yes that is spoken and can be taken back"),
    19: ("Family, culture, religion, power", "respects the belief, and keeps both safe"),
    20: ("Maintenance", "plans, gives credit, and stays with the hurt"),
}


def practised(library: Library) -> dict[int, list[str]]:
    """Return, for each technique that scenarios of a library call for, which ones do."""
    found: dict[int, list[str]] = {}
    for (couple, _), scenario in sorted(library.scenarios.items()):
        for number in sorted(set(scenario.techniques)):
            found.setdefault(number, []).append(f"{library.couples[couple].title.split(',')[0]}: {scenario.title}")
    return found


def techniques_page(library: Library) -> str:
    """Return, as Markdown, every technique with the scenarios that call for it."""
    lines = [
        "# Techniques, and where to practise them",
        "",
        "Made by `repair-room persona techniques`; a test holds it to the library.",
        "",
        "| # | technique | the trainee is heard doing | practised in |",
        "|---|---|---|---|",
    ]
    there = practised(library)
    for number, (name, heard) in TECHNIQUES.items():
        lines.append(f"| {number} | {name} | {heard} | {'<br>'.join(there.get(number, ())) or '-'} |")
    return "\n".join(lines) + "\n"
