"""The engine on AnnoMI, a public set of counselling transcripts coded by experts; read here, never trained on.

Wu et al. 2022, Anno-MI: a dataset of expert-annotated counselling dialogues, ICASSP. The CSV has one row an utterance
(and annotator): transcript_id, utterance_id, interlocutor, utterance_text, main_therapist_behaviour.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.errors import InputError
from simulator.rubric.agreement import cohen_kappa, rounded
from simulator.rubric.canon import THERAPIST, Said
from simulator.rubric.engine import Engine, Question, ReplyScore

BEHAVIOURS = ("reflection", "question", "therapist_input", "other")
_REQUIRED = {"transcript_id", "utterance_id", "interlocutor", "utterance_text", "main_therapist_behaviour"}
_CODES = {
    "reflection": (
        "reflect_content", "reflect_feeling", "reflect_meaning", "validate", "parrot", "hold_both",
        "acknowledge_complaint", "name_pull", "circular_frame",
    ),
    "question": ("open_question", "closed_question", "check_understanding", "invite_feedback", "invite_direct"),
    "therapist_input": (
        "advise", "lecture", "label", "reassure", "minimise", "judge_feeling", "justify", "pull_rank", "correct_client",
        "counter_blame", "pathologise", "name_boundary", "no_secrets", "side_with", "judge_partner", "press_to_yield",
        "one_sided_demand", "offer_repair", "false_balance", "decline_verdict", "carry_message",
    ),
}  # fmt: skip
CUT = 0.4  # below it, in every group, an utterance is "other"


def behaviour(score: ReplyScore) -> str:
    """Return the AnnoMI behaviour that the codes of a reply come to: the likeliest group of its likeliest sentence."""
    best = {
        name: max((sum(codes.get(c, 0.0) for c in group) for _, codes in score.sentences), default=0.0)
        for name, group in _CODES.items()
    }
    name = max(best, key=lambda n: best[n])
    return name if best[name] >= CUT else "other"


def agreement(engine: Engine, file: Path) -> dict[str, Any]:
    """Return kappa and macro F1 of the four therapist behaviours against the experts of `file`.

    Raises:
        InputError: the file cannot be read or is not AnnoMI's CSV.
    """
    labels, questions = [], []
    for label, question in _utterances(file):
        labels.append(label)
        questions.append(question)
    if not labels:
        raise InputError(f"{file}: there is no coded therapist utterance in it.")
    said = [behaviour(score) for score in engine.score_many(questions)]
    each = {}
    for name in BEHAVIOURS:
        hit = sum(a == b == name for a, b in zip(labels, said, strict=True))
        each[name] = round(2 * hit / max(1, labels.count(name) + said.count(name)), 3)
    return {
        "utterances": len(labels),
        "kappa": rounded(cohen_kappa(labels, said)),
        "macro_f1": round(sum(each.values()) / len(each), 3),
        "f1": each,
        "labels": dict(Counter(labels)),
        "said": dict(Counter(said)),
    }


def _utterances(file: Path) -> Iterator[tuple[str, Question]]:
    said: dict[str, dict[int, tuple[str, str]]] = defaultdict(dict)
    coded: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    try:
        with file.open(encoding="utf-8-sig", newline="") as handle:
            rows = csv.DictReader(handle)
            missing = _REQUIRED - set(rows.fieldnames or ())
            if missing:
                raise InputError(
                    f"{file}: the columns {', '.join(sorted(missing))} are missing.",
                    how="This reads AnnoMI-simple.csv or AnnoMI-full.csv as published.",
                )
            for number, row in enumerate(rows, start=2):
                try:
                    place = int(row["utterance_id"])
                except ValueError as error:
                    raise InputError(f"{file}, line {number}: utterance_id is not a number.") from error
                said[row["transcript_id"]][place] = (row["interlocutor"], row["utterance_text"])
                if row["interlocutor"] == "therapist" and row["main_therapist_behaviour"] in BEHAVIOURS:
                    coded[row["transcript_id"], place][row["main_therapist_behaviour"]] += 1
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: cannot be read as CSV ({error}).", how="Check the path.") from error
    for transcript, utterances in said.items():
        turns: list[Said] = []
        for place in sorted(utterances):
            who, text = utterances[place]
            votes = coded.get((transcript, place))
            if votes:
                yield votes.most_common(1)[0][0], Question(list(turns[-6:]), ("Client", "Partner"), text)
            turns.append(Said(THERAPIST if who == "therapist" else "Client", text))
