"""Decide what is made of a recording, from what was found in it and how loud it is. Values in, values out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from media.encoding import bitrate_ladder, passthrough
from media.encoding.bitrate_ladder import RenditionSpec
from media.encoding.loudness import LoudnessMeasurement, normalisation_gain
from media.encoding.voice_change import VoiceChange
from media.playback import storyboard
from media.playback.playlists import AUDIO_RENDITION
from media.playback.storyboard import Storyboard
from media.probing.facts import ProbeResult, VideoTrack

FIRST_POSTER_SECONDS = 3.0
MIN_HOLD_SECONDS = 0.5


@dataclass(frozen=True)
class AudioPlan:
    """How the sound leaves the decoder: one voice stays one channel, anything wider becomes two."""

    gain_db: float
    is_mono: bool = False
    voice_change: VoiceChange | None = None


@dataclass(frozen=True)
class VideoPlan:
    """How the picture leaves the decoder: in which sizes, largest first, and cut where.

    `cuts` has the seconds at which pieces begin where that is not regular; `copies_top` says that the largest size is
    the recording's own stream, and the cuts are its.
    """

    rungs: tuple[RenditionSpec, ...]
    rate: Fraction
    posters_at: tuple[float, ...]
    storyboard: Storyboard
    frames_apart: int
    tone_map: bool = False
    hold_last_seconds: float = 0.0
    cuts: tuple[float, ...] = ()
    copies_top: bool = False

    @property
    def max_segment_seconds(self) -> int:
        """Return the seconds that no piece exceeds once they are rounded."""
        return passthrough.MAX_SEGMENT_SECONDS if self.cuts else bitrate_ladder.SEGMENT_SECONDS

    @property
    def lowest_rendition(self) -> RenditionSpec:
        return self.rungs[-1]

    @property
    def higher_renditions(self) -> tuple[RenditionSpec, ...]:
        return self.rungs[:-1]

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"rate": str(self.rate)}


def video_plan_from_json(stored: Mapping[str, Any]) -> VideoPlan:
    facts = {
        "rungs": tuple(RenditionSpec(**rung) for rung in stored["rungs"]),
        "rate": Fraction(stored["rate"]),
        "posters_at": tuple(stored["posters_at"]),
        "storyboard": Storyboard(**stored["storyboard"]),
        "cuts": tuple(stored["cuts"]),
    }
    return VideoPlan(**{**stored, **facts})


@dataclass(frozen=True)
class EncodingPlan:
    """`levels` is how loud the recording is along its way, for stories that are heard only."""

    video: VideoPlan | None
    audio: AudioPlan | None
    levels: tuple[int, ...] = ()

    @property
    def max_segment_seconds(self) -> int:
        return bitrate_ladder.SEGMENT_SECONDS if self.video is None else self.video.max_segment_seconds

    @property
    def first_version_names(self) -> list[str]:
        """Return the names of the renditions that the first version has."""
        names = [] if self.video is None else [self.video.lowest_rendition.name]
        return names if self.audio is None else [*names, AUDIO_RENDITION]


def plan_encoding(
    probe_result: ProbeResult, measurement: LoudnessMeasurement | None, *, can_tone_map: bool
) -> EncodingPlan:
    film, voice = probe_result.video, probe_result.audio
    sound = None
    if voice is not None:
        loudness = None if measurement is None else measurement.integrated_lufs
        sound = AudioPlan(normalisation_gain(loudness), is_mono=voice.channels == 1)
    if film is None:
        return EncodingPlan(None, sound, levels=() if measurement is None else measurement.levels)
    # Where the picture ends long before the words do, the last one stays: a player would stop at the gap.
    missing = voice.seconds - film.seconds if voice is not None else 0.0
    held = missing if missing > MIN_HOLD_SECONDS else 0.0
    return EncodingPlan(_plan_video(film, hold_seconds=held, tone_map=film.is_hdr and can_tone_map), sound)


def _plan_video(video_track: VideoTrack, *, hold_seconds: float, tone_map: bool) -> VideoPlan:
    rungs = tuple(bitrate_ladder.build_bitrate_ladder(video_track.width, video_track.height))
    rate = bitrate_ladder.output_frame_rate(video_track.frame_rate)
    seconds = video_track.seconds + hold_seconds
    cuts = None
    # The lowest rung is made while the recording is checked, so a copy of it would save nothing.
    if video_track.gop_structure is not None and len(rungs) > 1 and not hold_seconds and not tone_map:
        cuts = passthrough.passthrough_cuts(
            video_track.gop_structure,
            size=(video_track.width, video_track.height),
            rendition=rungs[0],
            rate=rate,
        )
    return VideoPlan(
        rungs=rungs,
        rate=rate,
        posters_at=(
            min(FIRST_POSTER_SECONDS, video_track.seconds / 4),
            0.5 * video_track.seconds,
            0.75 * video_track.seconds,
        ),
        storyboard=storyboard.plan_storyboard(
            video_track.width, video_track.height, seconds=seconds, rate=rate
        ),
        frames_apart=storyboard.thumbnail_frame_interval(seconds, rate=rate),
        tone_map=tone_map,
        hold_last_seconds=hold_seconds,
        cuts=cuts or (),
        copies_top=cuts is not None,
    )
