"""Makes one demonstration film: read aloud, drawn, encoded, with captions and chapters to the millisecond."""

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

FRAMES_PER_SECOND = 5  # these are stills: every further frame is paid for again in each rendition
BLEND_FRAMES = 1  # pictures between two stills, so that one passes into the next instead of jumping
FULL_SHORT_SIDE = 720
_MS_PER_FRAME = 1000 / FRAMES_PER_SECOND
_FFMPEG_TIMEOUT_SECONDS = 180


class DemoFilmFailed(RuntimeError):
    """ffmpeg did not make the film; carries its last words."""


@dataclass(frozen=True)
class DemoFilmChapter:
    kind: ChapterKind
    start_ms: int
    title: str
    text: str


@dataclass(frozen=True)
class DemoFilm:
    """A finished film: H.264 and AAC in `path`, WebVTT captions, chapters covering it from 0 on."""

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
    """Makes `<challenge>-<handle>.mp4` in the folder; `short_side` is the smaller of its sides, in pixels.

    Raises
    ------
    SpeechFailed
        If the voice of the story is not there.
    FilmFailed
        If ffmpeg refuses or takes too long.
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
    """One WebVTT cue for each sentence, shown exactly while it is spoken."""
    cues = [
        f"{_vtt_timestamp(said.start_ms)} --> {_vtt_timestamp(said.end_ms)}\n{_wrap_caption(said.text)}\n"
        for said in speech.sentences
    ]
    return "\n".join(["WEBVTT\n", *cues])


def _chapters(story: DemoStory, speech: Speech) -> tuple[DemoFilmChapter, ...]:
    """The first begins with the film, the others with their first word."""
    starts: dict[int, int] = {}
    for said in speech.sentences:
        starts.setdefault(said.chapter, said.start_ms if said.chapter else 0)
    return tuple(
        DemoFilmChapter(chapter.kind, starts[number], chapter.kind.label, chapter.text)
        for number, chapter in enumerate(story.chapters)
    )


def _stills(story: DemoStory, speech: Speech, short_side: int) -> list[_Still]:
    stills = [_Still(_resized(draw_title_card(story), short_side), 0)]
    for said in speech.sentences:
        progress = said.end_ms / speech.sentences[-1].end_ms
        picture = draw_sentence_card(story, said.text, chapter=said.chapter, progress=progress)
        # The blend is over when the voice begins, and begins when the sentence before has ended.
        stills.append(
            _Still(_resized(picture, short_side), said.start_ms - round(BLEND_FRAMES * _MS_PER_FRAME))
        )
    return stills


def _resized(picture: Image.Image, short_side: int) -> Image.Image:
    """Make a picture smaller, to even sides as the encoder wants them."""
    if min(picture.size) == short_side:
        return picture
    width, height = (2 * round(side * short_side / min(picture.size) / 2) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


def _write_concat_list(stills: Sequence[_Still], scratch: Path, *, total_ms: int) -> None:
    """Writes the pictures and the list that tells ffmpeg how many frames long each is shown.

    Whole frames are counted from the start of the film, so that rounding never adds up.
    """
    ends = [int(still.start_ms / _MS_PER_FRAME) for still in stills[1:]]
    ends.append(round(total_ms / _MS_PER_FRAME))
    lines = ["ffconcat version 1.0"]
    before: Image.Image | None = None
    frame = 0
    for still, end in zip(stills, ends, strict=True):
        for picture in [*_blend_frames(before, still.picture), still.picture]:
            frames = end - frame if picture is still.picture else 1
            # As it is: to squeeze pictures that are read once takes longer than the film.
            name = f"{len(lines)}.bmp"
            picture.save(scratch / name)
            lines += [f"file {name}", f"duration {frames / FRAMES_PER_SECOND:.6f}"]
            frame += frames
        before = still.picture
    (scratch / "pictures.txt").write_text("\n".join(lines) + "\n", encoding="ascii")


def _blend_frames(before: Image.Image | None, after: Image.Image) -> list[Image.Image]:
    if before is None:
        return []
    return [Image.blend(before, after, step / (BLEND_FRAMES + 1)) for step in range(1, BLEND_FRAMES + 1)]


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
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_FFMPEG_TIMEOUT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise DemoFilmFailed(
            f"ffmpeg took more than {_FFMPEG_TIMEOUT_SECONDS} seconds over {path.name}"
        ) from late
    if done.returncode != 0:
        raise DemoFilmFailed(f"ffmpeg did not make {path.name}: {done.stderr.strip()[-500:]}")


def _vtt_timestamp(milliseconds: int) -> str:
    seconds, thousandths = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{thousandths:03}"


def _wrap_caption(sentence: str, *, width: int = 42) -> str:
    """Breaks a sentence that is too long for one line near its middle."""
    if len(sentence) <= width:
        return sentence
    words = sentence.split()
    breaks = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return "\n".join(min(breaks, key=lambda halves: max(map(len, halves))))
