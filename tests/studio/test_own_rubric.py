"""A rubric of one's own: its texts in versions, one training at a time that can be stopped, chosen on development."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from simulator.cli.rubric import app as cli
from simulator.errors import InputError, StaleSessionError
from simulator.rubric import Engine, Question, Rubric, Said, load_rubric
from simulator.rubric.book import Split
from simulator.settings import Settings, load_settings
from simulator.studio import job, own_rubric, training
from simulator.studio.rubric_texts import BOOK, LEVELS

SHIPPED = load_settings().rubrics
SKILL = {"kappa": 0.8, "pairs": 0.9, "interval_95": {"kappa": [0.75, 0.85], "pairs": None}}
TITLES = {s: s for s in ("empathic_listening", "non_defensiveness", "avoiding_triangulation")}
NEW = "  - id: name_the_tempo\n    skill: empathic_listening\n    effect: helps\n    definition: d\n    why: w\n    say: You slowed it.\n\n"
# The process of a job, with a stand-in for what takes minutes: it says an epoch's step, and waits to be stopped.
STAND_IN = """
import sys, time
from simulator.studio import training
def slow(settings, say):
    say("replies, epoch 1/4, batch 81/162")
    time.sleep(60)
training._effect = slow if {slow} else lambda settings, say: 1 / 0
training.main()
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(backend="scripted", data_dir=tmp_path)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Stand-ins for training and counting; which rubric was trained or counted, and on which split."""
    done: list[tuple[str, str]] = []

    def learn(rubric: Rubric, folder: Path, say: training.Say) -> dict[str, Any]:
        say("replies, epoch 1/1, batch 1/2")
        done.append((rubric.version, "trained"))
        shutil.copytree(rubric.folder / "model", folder)
        return {"epochs": 1}

    def count(rubric: Rubric, model: Path, split: Split) -> dict[str, Any]:
        done.append((rubric.version, split))
        return {"split": split, "replies": 10, "contexts": 4, "skills": dict.fromkeys(TITLES, SKILL)}

    monkeypatch.setattr(training, "learn", learn)
    monkeypatch.setattr(training, "count", count)
    return done


def texts(settings: Settings) -> dict[str, str]:
    return own_rubric.texts(own_rubric.folder_of(settings))


def change(settings: Settings, old: str = "confident: 0.5", new: str = "confident: 0.6", name: str = LEVELS) -> int:
    kept = own_rubric.versions(settings)
    files = texts(settings)
    assert old in files[name]
    return own_rubric.save(
        settings, "edu", kept[0].number if kept else 0, {**files, name: files[name].replace(old, new)}
    )


def run(settings: Settings, work: job.Work = "effect") -> dict[str, Any]:
    with job.held(settings):
        job.begin(settings, work, "edu", pid=os.getpid())
        return training.perform(settings, work, lambda _: None)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_every_saving_is_a_version_and_the_second_of_two_savers_is_told(settings: Settings) -> None:
    before = texts(settings)
    assert change(settings) == 1 and change(settings, "possible: 0.2", "possible: 0.3") == 2
    assert [(v.number, v.author) for v in own_rubric.versions(settings)] == [(2, "edu"), (1, "edu"), (0, "as it began")]
    assert own_rubric.version(settings, 0).files == before
    with pytest.raises(StaleSessionError):
        own_rubric.save(settings, "ada", 1, before)
    assert "possible: 0.3" in texts(settings)[LEVELS]
    own_rubric.save(settings, "ada", 2, before)
    assert texts(settings) == before and not own_rubric.changed(settings)
    assert own_rubric.texts(SHIPPED) == before
    with pytest.raises(InputError, match="no such version"):
        own_rubric.version(settings, 9)


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        (LEVELS, "confident: 0.5", "confident: 5", "confident"),
        (LEVELS, "confident: 0.5", "confident: 0.1", "lower than"),
        (LEVELS, "any_of: [reflect_meaning]", "any_of: [reflect_meanings]", "reflect_meanings"),
        (LEVELS, "  avoiding_triangulation:\n", "  another_skill:\n", "another_skill"),
        (LEVELS, "format: 1", "format: &a 1", "anchors"),
        (BOOK, "id: reflect_content", "id: reflect_contents", "examples use it"),
        (BOOK, "id: reflect_content", "id: reflect_feeling", "twice"),
        (BOOK, "version: 1", "version: one-", "numbers with dots"),
        (BOOK, "effect: helps", "effect: heals", "heals"),
        (BOOK, "\ncodes:", "\ncodes: [", "not valid YAML"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(
    settings: Settings, name: str, old: str, new: str, words: str
) -> None:
    files = texts(settings)
    assert old in files[name]
    wrong = {**files, name: files[name].replace(old, new, 1)}
    found = own_rubric.check(settings, wrong)
    assert any(words in p.message and 0 < p.line <= len(files[name].splitlines()) for _, p in found), found
    with pytest.raises(InputError):
        own_rubric.save(settings, "edu", 0, wrong)
    assert own_rubric.versions(settings) == [] and texts(settings) == files


def test_a_rule_is_counted_untrained_and_a_code_or_an_example_is_trained(
    settings: Settings, counted: list[tuple[str, str]]
) -> None:
    with pytest.raises(InputError, match="what scores now"):
        training.check_begins(settings, "effect")
    change(settings)
    run(settings)
    assert [what for _, what in counted] == ["development", "development"]
    change(settings, "codes:\n", f"codes:\n{NEW}", BOOK)
    assert own_rubric.report(settings) is None  # it has changed since
    run(settings)
    assert [what for _, what in counted[2:]] == ["trained", "development", "development"]
    assert own_rubric.report(settings) is not None
    example = next(iter((SHIPPED / "examples").glob("replies-1.jsonl"))).read_text(encoding="utf-8").splitlines()[0]
    own = {**json.loads(example), "id": "own-1", "context": "own-1", "split": "train"}
    (settings.data_dir / "rubric-draft" / "examples" / "replies-own.jsonl").write_text(json.dumps(own) + "\n")
    run(settings)
    assert [what for _, what in counted[5:]] == ["trained", "development", "development"]


def test_it_is_chosen_on_development_and_test_is_counted_once_after_adoption(
    settings: Settings, counted: list[tuple[str, str]]
) -> None:
    with pytest.raises(InputError, match="trained and counted"):
        own_rubric.adopt(settings, "edu")
    with pytest.raises(InputError, match="is adopted"):
        training.check_begins(settings, "test")
    change(settings)
    report = run(settings)
    assert report["split"] == report["before"]["split"] == report["after"]["split"] == "development"
    version = own_rubric.adopt(settings, "edu")
    assert version.endswith("+own1") and load_rubric(settings.rubrics).version == version
    assert "test" not in [what for _, what in counted]
    kept = own_rubric.published(settings.rubrics)
    assert kept is not None and kept["test"] is None and kept["effect"]["split"] == "development"
    assert run(settings, "test")["split"] == "test" and run(settings, "test")["split"] == "test"
    assert [x for x in counted if x[1] == "test"] == [(version, "test")]
    kept = own_rubric.published(settings.rubrics)
    assert kept is not None and kept["test"]["split"] == "test" and kept["by"] == "edu"
    with pytest.raises(InputError, match="nothing to adopt"):
        own_rubric.adopt(settings, "edu")
    change(settings, "possible: 0.2", "possible: 0.25")
    run(settings)
    assert own_rubric.adopt(settings, "edu").endswith("+own2")
    assert own_rubric.revert(settings) and settings.rubrics == SHIPPED and not own_rubric.revert(settings)
    # An adopted rubric is one that scores.
    said = [Said("Ana", "You never listen to me here.")]
    change(settings, "possible: 0.25", "possible: 0.2")
    run(settings)
    own_rubric.adopt(settings, "edu")
    assert Engine.load(settings.rubrics).score(Question(said, ["Ana", "Bo"], "You felt unheard.")).skills


def test_a_fixed_folder_is_not_adopted_over(settings: Settings, counted: list[tuple[str, str]]) -> None:
    change(settings)
    run(settings)
    with pytest.raises(InputError, match="always reads"):
        own_rubric.adopt(settings.model_copy(update={"rubrics_dir": SHIPPED}), "edu")


def test_figures_are_shown_with_their_split_and_intervals(settings: Settings, counted: list[tuple[str, str]]) -> None:
    change(settings)
    report = run(settings)
    row = training.effect_rows(report, TITLES)[0]
    assert row["before"] == row["after"] == "0.80 (0.75 to 0.85)" and row["measure"] == "weighted kappa"
    assert training.of_split(report["after"]) == "development split: 10 replies in 4 contexts"
    assert training.rows({"skills": {t: {"scored": 0} for t in TITLES}}, TITLES)[0]["value"] == "too few"


def test_one_training_at_a_time_seen_by_all_and_stopped_at_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(settings)
    monkeypatch.setattr(job, "COMMAND", [sys.executable, "-c", STAND_IN.format(slow=True)])
    job.start(settings, "effect", "edu")

    def now() -> job.State:
        found = job.state(settings)
        assert found is not None
        return found

    try:
        assert now().status == "running" and now().by == "edu"
        for second in (lambda: job.start(settings, "effect", "ada"), lambda: own_rubric.adopt(settings, "ada")):
            with pytest.raises(InputError, match="already"):
                second()
        until(lambda: now().part > 0)
        assert now().said == "replies, epoch 1/4, batch 81/162" and now().part == pytest.approx(0.06)
        assert os.getpriority(os.PRIO_PROCESS, now().pid or 0) == 19
        left = job.folder(settings) / f"{job.ASIDE}x"
        left.mkdir()
    finally:
        assert job.stop(settings)
    assert now().status == "stopped" and now().by == "edu" and not left.exists()
    assert not job.stop(settings)


def test_a_training_that_fails_or_vanishes_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert job.state(settings) is None
    monkeypatch.setattr(job, "COMMAND", [sys.executable, "-c", STAND_IN.format(slow=False)])
    job.start(settings, "effect", "edu")
    until(lambda: (found := job.state(settings)) is not None and found.status != "running")
    found = job.state(settings)
    assert found is not None and found.status == "failed" and "ZeroDivision" in found.problem
    with job.held(settings):
        job.begin(settings, "effect", "edu", pid=2**22 + 1)
    found = job.state(settings)
    assert found is not None and found.status == "interrupted" and not job.stop(settings)


def test_the_command_line_shows_development_then_test(
    settings: Settings, counted: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REPAIR_ROOM_DATA_DIR", str(settings.data_dir))
    assert isinstance(CliRunner().invoke(cli, ["own", "--train"]).exception, InputError)
    change(settings)
    shown = CliRunner().invoke(cli, ["own", "--train"]).output
    assert "development split: 10 replies" in shown and "0.80 (0.75 to 0.85) -> 0.80" in shown and "test" not in shown
    shown = CliRunner().invoke(cli, ["own", "--adopt"]).output
    assert "test split: 10 replies" in shown and "+own1" in shown
    assert "Back to" in CliRunner().invoke(cli, ["own", "--revert"]).output


@pytest.mark.slow
def test_a_tiny_training_goes_through(settings: Settings) -> None:
    from simulator.rubric.train import train

    examples = own_rubric.draft(settings).folder / "examples"
    for path in examples.glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(
            "".join([x for x in lines if '"development"' in x][:1] + [x for x in lines if '"train"' in x][:1])
        )
    steps: list[str] = []
    rubric = load_rubric(examples.parent)
    train(rubric, settings.data_dir / "model", say=steps.append, epochs=1)
    told = [found[1] for step in steps if (found := training._STEP.match(step))]
    assert told[0] == "replies" and told[-1] == "client turns"
    assert training.count(rubric, settings.data_dir / "model", "development")["split"] == "development"
