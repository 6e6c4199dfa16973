"""Plans the encode of a recording from its probe result and loudness. Pure functions."""

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
STORED_KEYS = {
    "renditions": "rungs",
    "thumbnail_frame_interval": "frames_apart",
}  # field name -> key in the database


@dataclass(frozen=True)
class AudioPlan:
    """Audio settings; mono stays mono, and more than two channels are mixed down to stereo."""

    gain_db: float
    is_mono: bool = False
    voice_change: VoiceChange | None = None


@dataclass(frozen=True)
class VideoPlan:
    """Video settings; `renditions` are sorted by size, largest first.

    `cuts` are the start times of the segments in seconds, empty if segments have a fixed length; with `copies_top` the
    largest rendition is the original stream, whose keyframes determine the cuts.
    """

    renditions: tuple[RenditionSpec, ...]
    rate: Fraction
    posters_at: tuple[float, ...]
    storyboard: Storyboard
    thumbnail_frame_interval: int
    tone_map: bool = False
    hold_last_seconds: float = 0.0
    cuts: tuple[float, ...] = ()
    copies_top: bool = False

    @property
    def max_segment_seconds(self) -> int:
        """Upper bound of the rounded segment durations, as EXT-X-TARGETDURATION requires."""
        return passthrough.MAX_SEGMENT_SECONDS if self.cuts else bitrate_ladder.SEGMENT_SECONDS

    @property
    def lowest_rendition(self) -> RenditionSpec:
        return self.renditions[-1]

    @property
    def higher_renditions(self) -> tuple[RenditionSpec, ...]:
        return self.renditions[:-1]

    def as_json(self) -> dict[str, Any]:
        fields = asdict(self) | {"rate": str(self.rate)}
        return {STORED_KEYS.get(name, name): value for name, value in fields.items()}


def video_plan_from_json(stored: Mapping[str, Any]) -> VideoPlan:
    field_names = {key: name for name, key in STORED_KEYS.items()}
    fields = {field_names.get(key, key): value for key, value in stored.items()}
    fields |= {
        "renditions": tuple(RenditionSpec(**spec) for spec in fields["renditions"]),
        "rate": Fraction(fields["rate"]),
        "posters_at": tuple(fields["posters_at"]),
        "storyboard": Storyboard(**fields["storyboard"]),
        "cuts": tuple(fields["cuts"]),
    }
    return VideoPlan(**fields)


@dataclass(frozen=True)
class EncodingPlan:
    """`levels` are the waveform heights of a recording without video."""

    video: VideoPlan | None
    audio: AudioPlan | None
    levels: tuple[int, ...] = ()

    @property
    def max_segment_seconds(self) -> int:
        return bitrate_ladder.SEGMENT_SECONDS if self.video is None else self.video.max_segment_seconds

    @property
    def first_version_names(self) -> list[str]:
        """Names of the first version's renditions."""
        names = [] if self.video is None else [self.video.lowest_rendition.name]
        return names if self.audio is None else [*names, AUDIO_RENDITION]


def plan_encoding(
    probe_result: ProbeResult, measurement: LoudnessMeasurement | None, *, can_tone_map: bool
) -> EncodingPlan:
    video, audio = probe_result.video, probe_result.audio
    audio_plan = None
    if audio is not None:
        loudness = None if measurement is None else measurement.integrated_lufs
        audio_plan = AudioPlan(normalisation_gain(loudness), is_mono=audio.channels == 1)
    if video is None:
        return EncodingPlan(None, audio_plan, levels=() if measurement is None else measurement.levels)
    # If the video ends long before the audio, its last frame is held: players stop at the gap otherwise.
    missing_seconds = audio.seconds - video.seconds if audio is not None else 0.0
    hold_seconds = missing_seconds if missing_seconds > MIN_HOLD_SECONDS else 0.0
    video_plan = _plan_video(video, hold_seconds=hold_seconds, tone_map=video.is_hdr and can_tone_map)
    return EncodingPlan(video_plan, audio_plan)


def _plan_video(video: VideoTrack, *, hold_seconds: float, tone_map: bool) -> VideoPlan:
    renditions = tuple(bitrate_ladder.build_bitrate_ladder(video.width, video.height))
    rate = bitrate_ladder.output_frame_rate(video.frame_rate)
    seconds = video.seconds + hold_seconds
    cuts = None
    # The lowest rendition is encoded during validation anyway, so copying it would save nothing.
    if video.gop_structure is not None and len(renditions) > 1 and not hold_seconds and not tone_map:
        cuts = passthrough.passthrough_cuts(
            video.gop_structure, size=(video.width, video.height), rendition=renditions[0], rate=rate
        )
    return VideoPlan(
        renditions=renditions,
        rate=rate,
        posters_at=(min(FIRST_POSTER_SECONDS, video.seconds / 4), 0.5 * video.seconds, 0.75 * video.seconds),
        storyboard=storyboard.plan_storyboard(video.width, video.height, seconds=seconds, rate=rate),
        thumbnail_frame_interval=storyboard.thumbnail_frame_interval(seconds, rate=rate),
        tone_map=tone_map,
        hold_last_seconds=hold_seconds,
        cuts=cuts or (),
        copies_top=cuts is not None,
    )
