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

from devstack.demo.toml_fields import InvalidScript, TomlFields
from stories.models import ChapterKind, ModelKind, Outcome, Strategy

SCRIPTS_DIR = Path(__file__).parent / "stories"
MIN_WORDS, MAX_WORDS = 70, 110  # 30 to 45 seconds at the pace of these voices
MAX_SENTENCE_CHARS = 84  # two caption lines of 42 characters

ScriptAnswer = int | str | tuple[str, ...]


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
    traits_then: Mapping[str, ScriptAnswer]
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


def load_all_scripts(folder: Path = SCRIPTS_DIR) -> Iterator[DemoStory]:
    """Yields the stories of all challenges, by file name and then in the order written."""
    for path in sorted(folder.glob("*.toml")):
        yield from load_script_file(path)


def load_script_file(path: Path) -> tuple[DemoStory, ...]:
    """Reads one file.

    Raises
    ------
    ScriptBroken
        At the first thing that is missing, misspelt or against the rules for a demonstration.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as fault:
        raise InvalidScript(path.name, str(fault)) from fault
    fields = TomlFields(document, location=path.name)
    if not fields.get_bool("made_up"):
        raise InvalidScript(path.name, "only made-up stories may be demonstrations")
    challenge = fields.get_text("challenge")
    if challenge != path.stem:
        raise InvalidScript(path.name, f"is named otherwise than its challenge, {challenge}")
    tables = fields.get_tables("story")
    fields.reject_unread_keys()
    return tuple(_parse_story(table, challenge=challenge) for table in tables)


def _parse_story(table: dict[str, object], *, challenge: str) -> DemoStory:
    fields = TomlFields(table, location=f"{challenge}/{table.get('handle', '?')}")
    story = DemoStory(
        challenge=challenge,
        handle=fields.get_text("handle"),
        name=fields.get_text("name"),
        title=fields.get_text("title"),
        language=fields.get_text("language"),
        model_kind=fields.get_choice("model_kind", ModelKind),
        outcome=fields.get_choice("outcome", Outcome),
        start_rung=fields.get_int("start_rung"),
        end_rung=fields.get_int("end_rung"),
        content_notes=fields.get_text_list("content_notes"),
        traits_then=_parse_answers(fields.get_table("traits_then"), where=fields.location),
        shown_traits=fields.get_text_list("shown_traits"),
        strategies=_parse_strategies(fields.get_text_list("strategies"), where=fields.location),
        palette=fields.get_choice("palette", Palette),
        scene=fields.get_choice("scene", Scene),
        portrait=fields.get_bool("portrait"),
        voice=_parse_voice(fields.get_table("voice"), where=fields.location),
        chapters=tuple(
            _parse_chapter(chapter, where=f"{fields.location}, chapter {number}")
            for number, chapter in enumerate(fields.get_tables("chapter"), start=1)
        ),
    )
    fields.reject_unread_keys()
    _validate_story(story, where=fields.location)
    return story


def _parse_answers(table: dict[str, object], *, where: str) -> Mapping[str, ScriptAnswer]:
    """Lists become tuples; which answers a trait allows is for the catalogue of traits to say."""
    answers: dict[str, ScriptAnswer] = {}
    for trait, answer in table.items():
        if isinstance(answer, list) and all(isinstance(part, str) for part in answer):
            answers[trait] = tuple(answer)
        elif isinstance(answer, (int, str)) and not isinstance(answer, bool):
            answers[trait] = answer
        else:
            raise InvalidScript(where, f"the answer to {trait} must be a number, a word or a list of words")
    return MappingProxyType(answers)


def _parse_strategies(names: tuple[str, ...], *, where: str) -> tuple[Strategy, ...]:
    try:
        return tuple(Strategy(name) for name in names)
    except ValueError as fault:
        raise InvalidScript(where, f"strategies: {fault}") from fault


def _parse_voice(table: dict[str, object], *, where: str) -> DemoVoice:
    fields = TomlFields(table, location=f"{where}, voice")
    voice = DemoVoice(
        name=fields.get_text("name"), pitch=fields.get_int("pitch"), pace=fields.get_int("pace")
    )
    fields.reject_unread_keys()
    return voice


def _parse_chapter(table: dict[str, object], *, where: str) -> DemoChapter:
    fields = TomlFields(table, location=where)
    chapter = DemoChapter(
        kind=fields.get_choice("kind", ChapterKind),
        text=" ".join(fields.get_text("text").split()),
        barrier=fields.get_optional_text("barrier"),
        rung=fields.get_optional_int("rung"),
    )
    fields.reject_unread_keys()
    for sentence in chapter.sentences:
        if len(sentence) > MAX_SENTENCE_CHARS:
            raise InvalidScript(where, f"too long for a caption of two lines: {sentence!r}")
    return chapter


def _validate_story(story: DemoStory, *, where: str) -> None:
    order = list(ChapterKind)
    places = [order.index(chapter.kind) for chapter in story.chapters]
    rungs = [chapter.rung for chapter in story.chapters if chapter.rung is not None]
    stuck = story.start_rung == story.end_rung
    refusals = (
        (not MIN_WORDS <= story.word_count <= MAX_WORDS, f"has {story.word_count} words"),
        (any(later < earlier for earlier, later in pairwise(places)), "tells its chapters out of order"),
        (not 0 <= story.start_rung <= story.end_rung, "ends lower than it starts"),
        (stuck and story.outcome is not Outcome.UNRESOLVED, "claims an outcome without a rung gained"),
        (bool(rungs) and max(rungs) > story.end_rung, "speaks of a rung above the one it ends on"),
        (not set(story.shown_traits) <= set(story.traits_then), "shows an answer that was not given"),
    )
    for broken, reason in refusals:
        if broken:
            raise InvalidScript(where, reason)
