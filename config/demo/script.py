"""Reads the scripts of the made-up demonstration stories and refuses any that break the rules.

The scripts lie in `stories/`, one file for each challenge. Every one says of itself that it is
made up: a person who looks for help must never take a demonstration for somebody's life.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from config.demo.fields import Fields, ScriptBroken
from stories.models import ChapterKind, ModelKind, Outcome, Strategy

SCRIPTS = Path(__file__).parent / "stories"
FEWEST_WORDS, MOST_WORDS = 70, 110  # 30 to 45 seconds at the pace of these voices
LONGEST_SENTENCE = 84  # two caption lines of 42 characters

Answer = int | str | tuple[str, ...]


class Palette(StrEnum):
    DAWN = "dawn"
    MOSS = "moss"
    SEA = "sea"
    CLAY = "clay"
    DUSK = "dusk"
    SLATE = "slate"


class Scene(StrEnum):
    """What is drawn under the words, and moves on with the chapters."""

    BOAT = "boat"
    PATH = "path"
    PLANT = "plant"


@dataclass(frozen=True)
class DemoVoice:
    """A voice of eSpeak NG: its name, pitch (0-99) and pace in words a minute."""

    name: str
    pitch: int
    pace: int


@dataclass(frozen=True)
class DemoChapter:
    kind: ChapterKind
    text: str
    barrier: str | None
    rung: int | None

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(re.split(r"(?<=[.?!])\s+", self.text))


@dataclass(frozen=True)
class DemoStory:
    challenge: str
    handle: str
    name: str
    title: str
    language: str
    model_kind: ModelKind
    outcome: Outcome
    start_rung: int
    end_rung: int
    content_notes: tuple[str, ...]
    traits_then: Mapping[str, Answer]
    shown_traits: tuple[str, ...]
    strategies: tuple[Strategy, ...]
    palette: Palette
    scene: Scene
    portrait: bool
    voice: DemoVoice
    chapters: tuple[DemoChapter, ...]

    @property
    def word_count(self) -> int:
        return sum(len(chapter.text.split()) for chapter in self.chapters)


def every_story(folder: Path = SCRIPTS) -> Iterator[DemoStory]:
    """Yields the stories of all challenges, by file name and then in the order written."""
    for path in sorted(folder.glob("*.toml")):
        yield from stories_in(path)


def stories_in(path: Path) -> tuple[DemoStory, ...]:
    """Reads one file.

    Raises
    ------
    ScriptBroken
        At the first thing that is missing, misspelt or against the rules for a demonstration.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as fault:
        raise ScriptBroken(path.name, str(fault)) from fault
    fields = Fields(document, where=path.name)
    if not fields.flag("made_up"):
        raise ScriptBroken(path.name, "only made-up stories may be demonstrations")
    challenge = fields.text("challenge")
    if challenge != path.stem:
        raise ScriptBroken(path.name, f"is named otherwise than its challenge, {challenge}")
    tables = fields.tables("story")
    fields.finish()
    return tuple(_story(table, challenge=challenge) for table in tables)


def _story(table: dict[str, object], *, challenge: str) -> DemoStory:
    fields = Fields(table, where=f"{challenge}/{table.get('handle', '?')}")
    story = DemoStory(
        challenge=challenge,
        handle=fields.text("handle"),
        name=fields.text("name"),
        title=fields.text("title"),
        language=fields.text("language"),
        model_kind=fields.one_of("model_kind", ModelKind),
        outcome=fields.one_of("outcome", Outcome),
        start_rung=fields.whole("start_rung"),
        end_rung=fields.whole("end_rung"),
        content_notes=fields.texts("content_notes"),
        traits_then=_answers(fields.table("traits_then"), where=fields.where),
        shown_traits=fields.texts("shown_traits"),
        strategies=_strategies(fields.texts("strategies"), where=fields.where),
        palette=fields.one_of("palette", Palette),
        scene=fields.one_of("scene", Scene),
        portrait=fields.flag("portrait"),
        voice=_voice(fields.table("voice"), where=fields.where),
        chapters=tuple(
            _chapter(chapter, where=f"{fields.where}, chapter {number}")
            for number, chapter in enumerate(fields.tables("chapter"), start=1)
        ),
    )
    fields.finish()
    _check(story, where=fields.where)
    return story


def _answers(table: dict[str, object], *, where: str) -> Mapping[str, Answer]:
    """Lists become tuples; which answers a trait allows is for the catalogue of traits to say."""
    answers: dict[str, Answer] = {}
    for trait, answer in table.items():
        if isinstance(answer, list) and all(isinstance(part, str) for part in answer):
            answers[trait] = tuple(answer)
        elif isinstance(answer, (int, str)) and not isinstance(answer, bool):
            answers[trait] = answer
        else:
            raise ScriptBroken(where, f"the answer to {trait} must be a number, a word or a list of words")
    return MappingProxyType(answers)


def _strategies(names: tuple[str, ...], *, where: str) -> tuple[Strategy, ...]:
    try:
        return tuple(Strategy(name) for name in names)
    except ValueError as fault:
        raise ScriptBroken(where, f"strategies: {fault}") from fault


def _voice(table: dict[str, object], *, where: str) -> DemoVoice:
    fields = Fields(table, where=f"{where}, voice")
    voice = DemoVoice(name=fields.text("name"), pitch=fields.whole("pitch"), pace=fields.whole("pace"))
    fields.finish()
    return voice


def _chapter(table: dict[str, object], *, where: str) -> DemoChapter:
    fields = Fields(table, where=where)
    chapter = DemoChapter(
        kind=fields.one_of("kind", ChapterKind),
        text=" ".join(fields.text("text").split()),
        barrier=fields.text_if_any("barrier"),
        rung=fields.whole_if_any("rung"),
    )
    fields.finish()
    for sentence in chapter.sentences:
        if len(sentence) > LONGEST_SENTENCE:
            raise ScriptBroken(where, f"too long for a caption of two lines: {sentence!r}")
    return chapter


def _check(story: DemoStory, *, where: str) -> None:
    order = list(ChapterKind)
    places = [order.index(chapter.kind) for chapter in story.chapters]
    rungs = [chapter.rung for chapter in story.chapters if chapter.rung is not None]
    stuck = story.start_rung == story.end_rung
    refusals = (
        (not FEWEST_WORDS <= story.word_count <= MOST_WORDS, f"has {story.word_count} words"),
        (any(later < earlier for earlier, later in pairwise(places)), "tells its chapters out of order"),
        (not 0 <= story.start_rung <= story.end_rung, "ends lower than it starts"),
        (stuck and story.outcome is not Outcome.UNRESOLVED, "claims an outcome without a rung gained"),
        (bool(rungs) and max(rungs) > story.end_rung, "speaks of a rung above the one it ends on"),
        (not set(story.shown_traits) <= set(story.traits_then), "shows an answer that was not given"),
    )
    for broken, reason in refusals:
        if broken:
            raise ScriptBroken(where, reason)
