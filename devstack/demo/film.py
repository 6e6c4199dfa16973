"""Renders a demonstration film: synthesised speech, drawn frames, captions and chapters timed to the millisecond."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from devstack.demo.frames import DEMO_NOTICE, draw_sentence_card, draw_title_card
from devstack.demo.script import DemoStory
from devstack.demo.speech import Speech, synthesise_speech
from stories.models import ChapterKind

FRAMES_PER_SECOND = 5  # still images: more frames would only make every rendition slower to encode
BLEND_FRAMES = 1  # frames that cross-fade between two stills
FULL_SHORT_SIDE = 720
_MS_PER_FRAME = 1000 / FRAMES_PER_SECOND
_FFMPEG_TIMEOUT_SECONDS = 180


class DemoFilmFailed(RuntimeError):
    """The message contains the end of ffmpeg's output."""


@dataclass(frozen=True)
class DemoFilmChapter:
    kind: ChapterKind
    start_ms: int
    title: str
    text: str


@dataclass(frozen=True)
class DemoFilm:
    """`path` is an MP4 with H.264 and AAC; `chapters` cover the film from 0 ms."""

    path: Path
    vtt: str
    chapters: tuple[DemoFilmChapter, ...]
    duration_ms: int


@dataclass(frozen=True)
class _Still:
    picture: Image.Image
    start_ms: int


def make_demo_film(
    story: DemoStory, folder: Path, *, ffmpeg: Path, short_side: int = FULL_SHORT_SIDE
) -> DemoFilm:
    """Write `<challenge>-<handle>.mp4`; `short_side` is the smaller dimension in pixels.

    Raises
    ------
    SpeechFailed
        If the voice of the story does not exist.
    DemoFilmFailed
        If ffmpeg fails or times out.
    """
    speech = synthesise_speech([chapter.sentences for chapter in story.chapters], voice=story.voice)
    path = folder / f"{story.challenge}-{story.handle}.mp4"
    with TemporaryDirectory(dir=folder) as name:
        scratch = Path(name)
        speech.write_wav(scratch / "voice.wav")
        _write_concat_list(_stills(story, speech, short_side), scratch, total_ms=speech.duration_ms)
        _encode(story, scratch, path, ffmpeg=ffmpeg, total_ms=speech.duration_ms)
    return DemoFilm(path, webvtt_captions(speech), _chapters(story, speech), speech.duration_ms)


def webvtt_captions(speech: Speech) -> str:
    """One WebVTT cue per sentence."""
    cues = [
        f"{_vtt_timestamp(sentence.start_ms)} --> {_vtt_timestamp(sentence.end_ms)}\n{_wrap_caption(sentence.text)}\n"
        for sentence in speech.sentences
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _chapters(story: DemoStory, speech: Speech) -> tuple[DemoFilmChapter, ...]:
    """The first chapter starts at 0, the others at their first word."""
    starts: dict[int, int] = {}
    for sentence in speech.sentences:
        starts.setdefault(sentence.chapter, sentence.start_ms if sentence.chapter else 0)
    return tuple(
        DemoFilmChapter(chapter.kind, starts[index], str(chapter.kind.label), chapter.text)
        for index, chapter in enumerate(story.chapters)
    )


def _stills(story: DemoStory, speech: Speech, short_side: int) -> list[_Still]:
    stills = [_Still(_resized(draw_title_card(story), short_side), 0)]
    for sentence in speech.sentences:
        progress = sentence.end_ms / speech.sentences[-1].end_ms
        picture = draw_sentence_card(story, sentence.text, chapter=sentence.chapter, progress=progress)
        # The cross-fade ends when the sentence starts.
        stills.append(
            _Still(_resized(picture, short_side), sentence.start_ms - round(BLEND_FRAMES * _MS_PER_FRAME))
        )
    return stills


def _resized(picture: Image.Image, short_side: int) -> Image.Image:
    """Even dimensions, as yuv420p requires."""
    if min(picture.size) == short_side:
        return picture
    width, height = (2 * round(side * short_side / min(picture.size) / 2) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def _write_concat_list(stills: Sequence[_Still], scratch: Path, *, total_ms: int) -> None:
    """Write the frames and the ffconcat list with their durations.

    Durations are whole frames counted from the start of the film, so that rounding errors do not accumulate.
    """
    ends = [int(still.start_ms / _MS_PER_FRAME) for still in stills[1:]]
    ends.append(round(total_ms / _MS_PER_FRAME))
    lines = ["ffconcat version 1.0"]
    previous: Image.Image | None = None
    frame = 0
    for still, end in zip(stills, ends, strict=True):
        for picture in [*_blend_frames(previous, still.picture), still.picture]:
            frames = end - frame if picture is still.picture else 1
            # Uncompressed: compressing images that are read once takes longer than encoding the film.
            name = f"{len(lines)}.bmp"
            picture.save(scratch / name)
            lines += [f"file {name}", f"duration {frames / FRAMES_PER_SECOND:.6f}"]
            frame += frames
        previous = still.picture
    (scratch / "pictures.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def _blend_frames(previous: Image.Image | None, following: Image.Image) -> list[Image.Image]:
    if previous is None:
        return []
    return [
        Image.blend(previous, following, step / (BLEND_FRAMES + 1)) for step in range(1, BLEND_FRAMES + 1)
    ]


def _encode(story: DemoStory, scratch: Path, path: Path, *, ffmpeg: Path, total_ms: int) -> None:
    command = [
        str(ffmpeg), "-nostdin", "-loglevel", "error", "-y", "-filter_threads", "1",
        "-f", "concat", "-i", str(scratch / "pictures.txt"),
        "-i", str(scratch / "voice.wav"),
        "-vf", f"format=yuv420p,fps={FRAMES_PER_SECOND},tpad=stop=-1:stop_mode=clone",
        "-t", f"{total_ms / 1000:.3f}",
        "-c:v", "libx264", "-preset", "superfast", "-tune", "stillimage", "-crf", "24", "-threads", "1",
        "-c:a", "aac", "-aac_coder", "fast", "-b:a", "80k", "-ar", "48000",
        "-metadata", f"title={story.title}", "-metadata", f"comment={DEMO_NOTICE}",
        "-movflags", "+faststart", str(path),
    ]  # fmt: skip
    try:
        completed = subprocess.run(
            command, capture_output=True, text=True, timeout=_FFMPEG_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DemoFilmFailed(
            f"ffmpeg took more than {_FFMPEG_TIMEOUT_SECONDS} seconds for {path.name}"
        ) from error
    if completed.returncode != 0:
        raise DemoFilmFailed(f"ffmpeg failed for {path.name}: {completed.stderr.strip()[-500:]}")


def _vtt_timestamp(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{thousandths:03}"


def _wrap_caption(sentence: str, *, width: int = 42) -> str:
    """Break a sentence longer than `width` characters into two lines of similar length."""
    if len(sentence) <= width:
        return sentence
    words = sentence.split()
    breaks = [(" ".join(words[:position]), " ".join(words[position:])) for position in range(1, len(words))]
    return "\n".join(min(breaks, key=lambda halves: max(map(len, halves))))
