"""Loads and validates the scripts of the demonstration stories in `stories/`, one TOML file per challenge.

Every script must be marked as fictional, so that nobody in need of help mistakes it for a real life.
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
MIN_WORDS, MAX_WORDS = 70, 110  # 30 to 45 seconds of synthesised speech
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
    BOAT = "boat"
    PATH = "path"
    PLANT = "plant"


@dataclass(frozen=True)
class DemoVoice:
    """eSpeak NG voice; `pitch` from 0 to 99, `pace` in words per minute."""

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
    """Ordered by file name, then by position in the file."""
    for path in sorted(folder.glob("*.toml")):
        yield from load_script_file(path)


def load_script_file(path: Path) -> tuple[DemoStory, ...]:
    """Parse and validate one file.

    Raises
    ------
    InvalidScript
        For the first missing, unknown or invalid field.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidScript(path.name, str(error)) from error
    fields = TomlFields(document, location=path.name)
    if not fields.get_bool("made_up"):
        raise InvalidScript(path.name, "made_up must be true: demonstration stories are fictional")
    challenge = fields.get_text("challenge")
    if challenge != path.stem:
        raise InvalidScript(path.name, f"the file name must match its challenge, {challenge}")
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
    """Lists become tuples. The trait catalogue validates the values later."""
    answers: dict[str, ScriptAnswer] = {}
    for trait, answer in table.items():
        if isinstance(answer, list) and all(isinstance(part, str) for part in answer):
            answers[trait] = tuple(answer)
        elif isinstance(answer, (int, str)) and not isinstance(answer, bool):
            answers[trait] = answer
        else:
            raise InvalidScript(
                where, f"the answer to {trait} must be an integer, a string or a list of strings"
            )
    return MappingProxyType(answers)


def _parse_strategies(names: tuple[str, ...], *, where: str) -> tuple[Strategy, ...]:
    try:
        return tuple(Strategy(name) for name in names)
    except ValueError as error:
        raise InvalidScript(where, f"strategies: {error}") from error


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
            raise InvalidScript(where, f"too long for a two-line caption: {sentence!r}")
    return chapter


def _validate_story(story: DemoStory, *, where: str) -> None:
    kind_order = list(ChapterKind)
    kind_positions = [kind_order.index(chapter.kind) for chapter in story.chapters]
    rungs = [chapter.rung for chapter in story.chapters if chapter.rung is not None]
    gained_no_rung = story.start_rung == story.end_rung
    rules = (
        (not MIN_WORDS <= story.word_count <= MAX_WORDS, f"has {story.word_count} words"),
        (
            any(later < earlier for earlier, later in pairwise(kind_positions)),
            "has its chapters out of order",
        ),
        (not 0 <= story.start_rung <= story.end_rung, "ends lower than it starts"),
        (
            gained_no_rung and story.outcome is not Outcome.UNRESOLVED,
            "claims an outcome without gaining a rung",
        ),
        (bool(rungs) and max(rungs) > story.end_rung, "mentions a rung above its end rung"),
        (not set(story.shown_traits) <= set(story.traits_then), "shows a trait without an answer"),
    )
    for violated, reason in rules:
        if violated:
            raise InvalidScript(where, reason)
