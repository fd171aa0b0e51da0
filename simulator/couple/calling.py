"""Whether a scenario calls for the techniques it claims: by its bids where they show it, else in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.couple.finding import Finding
from simulator.couple.schema import Scenario
from simulator.couple.techniques import TECHNIQUES

# The one that bids show by themselves: somebody pulls the therapist in.
_TRIANGLES = 16, frozenset({"ally_bid", "verdict_bid", "secret_bid", "messenger_bid", "third_party"})
# The others are looked for in the words of title, aim, practise and brief; a list of words can be wrong. Beginnings.
_BY_WORDS: dict[int, str] = {
    1: r"pause|slow|shock|disbelief|name (?:what|the|each)|without judg|judges? (?:nobody|none|neither)",
    2: r"person|apart|accountab|responsib|(?:man|woman) from the act|without (?:judg|blam|sham|condemn)|judges? (?:nobody|none|neither)|each (?:of them )?(?:has )?lost",
    3: r"believ|hear\b|heard|impact|injury|harm",
    4: r"power|consent|pattern|who decides|money",
    5: r"check-in|ritual|information|setback|missed",
    6: r"discomfort|no easy|(?:early|small) no|not yet|ask before|freez|startle",
    7: r"request|wish|ask for",
    8: r"(?:said|say|says|saying|hear|heard)(?: it| that)? back|listener|speaker|what was heard|take turns",
    9: r"agreement|written|write|dated|date to",
    10: r"trigger|step|what (?:comes|came) (?:just )?before|breath|urge",
    11: r"story|stories|accounts|records|true|memor|erasing|tell the",
    12: r"apolog|sorry",
    13: r"pace|hurr|how long|cadence|forgiv",
    14: r"signal",
    15: r"record|detective|muddl|misattun|misunderst|got it wrong|have it wrong",
    17: r"four steps|pause, describe|describe.*request",
    18: r"consent|spoken yes|yes in words|taken back|taking it back|reversible",
    19: r"faith|church|parish|mosque|temple|synagogue|god|religi|elders|cultur|tradition",
    20: r"relapse|slip|credit|maint|lapse",
}


def of_techniques(scenario: Scenario) -> Iterator[Finding]:
    """Yield the techniques that a scenario claims and nothing in it calls for."""
    file = f"scenarios/{scenario.id}.yaml"
    told = " ".join([scenario.title, scenario.aim, *scenario.practise, scenario.brief])
    for technique in scenario.techniques:
        name = f"technique {technique} ({TECHNIQUES[technique][0]}) is claimed, and"
        if technique == _TRIANGLES[0] and not any(b.kind in _TRIANGLES[1] for b in scenario.bids):
            yield Finding(file, "techniques", f"{name} no bid calls for it.")
        if technique in _BY_WORDS and not re.search(rf"\b(?:{_BY_WORDS[technique]})", told, re.IGNORECASE):
            yield Finding(
                file, "techniques", f"{name} title, aim, practise and brief do not speak of it, as far as their words show: {TECHNIQUES[technique][1]}.", True
            )  # fmt: skip
