"""Looks into media files and says what is there, as JSON. Runs inside the sandbox, as a program of its own.

It imports PyAV and the standard library only, because nothing else of ours is in the room with it. The worker
itself never opens a media file, not even one that came out of the encoder: an encoder that a hostile file has taken
over writes what it likes.

    program.py LIBRARIES describe FORMATS CODECS PIXELS FILE
    program.py LIBRARIES pieces FOLDER NAME COUNT [NAME COUNT ...]
"""

import bisect
import io
import json
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import av.container

READY = "ready"
MAX_PACKETS_TO_FIRST_FRAME = 300
MAX_CODEC_NAME_LENGTH = 60
ENCRYPTED_CODEC_TAGS = frozenset({"encv", "enca"})
COMMON_H264_PROFILES = frozenset({66, 77, 100})  # of H.264, and decoded everywhere: baseline, main, high
AVCC_HEADER_BYTES = 5
NAL_TYPE_MASK, NAL_TYPE_SPS = 0x1F, 7  # a unit that says how to decode what follows (ITU-T H.264, table 7-1)
FULL_COLOUR_RANGE = 2
TIME_TOLERANCE_SECONDS = 0.0005  # seconds
BT709_OR_UNSPECIFIED = frozenset({1, 2})  # BT.709, or not said: ITU-T H.273, table 4


def main(arguments: list[str]) -> int:
    libraries, task, *rest = arguments
    sys.path.append(libraries)
    import av.error

    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    try:
        answer = describe_file(*rest) if task == "describe" else describe_segments(*rest)
    except (av.error.FFmpegError, OSError, ValueError, EOFError) as error:
        answer = {"error": type(error).__name__}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def describe_file(formats: str, codecs: str, most_pixels: str, file: str) -> dict[str, Any]:
    """Return the container, its streams, and what the first picture that decodes looks like."""
    import av

    options = {"format_whitelist": formats, "codec_whitelist": codecs, "protocol_whitelist": "file"}
    with av.open(file, options=options, metadata_errors="ignore") as container:
        found = {
            "format": container.format.name,
            "seconds": None if container.duration is None else container.duration / 1_000_000,
            "streams": [_describe_stream(stream) for stream in container.streams],
            "picture": _describe_first_frame(container, int(most_pixels)),
        }
    with av.open(file, options=options, metadata_errors="ignore") as container:
        return found | _measure_packets(container)


def _describe_stream(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    tag = "" if context is None else context.codec_tag
    found: dict[str, Any] = {
        "index": stream.index,
        "type": stream.type,
        "codec": None if context is None else context.name[:MAX_CODEC_NAME_LENGTH],
        "cover": _is_cover_art(stream),
        "protected": tag in ENCRYPTED_CODEC_TAGS or "enc_key_id" in stream.metadata,
        "seconds": None if stream.duration is None else float(stream.duration * stream.time_base),
    }
    if context is not None and stream.type == "video":
        found |= {
            "width": context.width,
            "height": context.height,
            "sar": _ratio_as_list(context.sample_aspect_ratio),
            "rate": _ratio_as_list(stream.average_rate),
            "transfer": int(context.color_trc),
        }
    if context is not None and stream.type == "audio":
        found |= {"channels": context.channels, "sample_rate": context.sample_rate}
    return found


def _is_cover_art(stream: Any) -> bool:
    """Whether this is a picture that a music file carries, and no film."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def _ratio_as_list(value: Fraction | None) -> list[int] | None:
    return None if not value else [value.numerator, value.denominator]


def _describe_first_frame(
    container: "av.container.InputContainer", most_pixels: int
) -> dict[str, Any] | None:
    """Decode up to the first picture: how it is turned and lit is often said there only."""
    import av.error

    films = [stream for stream in container.streams.video if not _is_cover_art(stream)]
    if not films or films[0].codec_context is None:
        return None
    if films[0].codec_context.width * films[0].codec_context.height > most_pixels:
        return None
    try:
        for _, packet in zip(range(MAX_PACKETS_TO_FIRST_FRAME), container.demux(films[0]), strict=False):
            for frame in packet.decode():
                return {
                    "width": frame.width,
                    "height": frame.height,
                    "rotation": frame.rotation,
                    "transfer": int(frame.color_trc),
                    "plain": _is_standard_frame(frame),
                }
    except (av.error.FFmpegError, ValueError):
        return None
    return None


def _is_standard_frame(frame: Any) -> bool:
    """Whether the picture has the form in which we would give it out ourselves."""
    usual = int(frame.colorspace) in BT709_OR_UNSPECIFIED and int(frame.color_range) != FULL_COLOUR_RANGE
    return usual and frame.format.name == "yuv420p" and not frame.interlaced_frame and not frame.rotation


def _measure_packets(container: "av.container.InputContainer") -> dict[str, Any]:
    """Return how many packets each stream has and how far they reach in seconds; headers are often wrong."""
    import av.error

    first, last = float("inf"), [0.0] * len(container.streams)
    groups = _GOPScanner([stream for stream in container.streams.video if not _is_cover_art(stream)])
    packets = [0] * len(container.streams)
    encrypted = False
    try:
        for packet in container.demux():
            if packet.pts is None or packet.time_base is None:
                continue
            begin = float(packet.pts * packet.time_base)
            first = min(first, begin)
            packets[packet.stream_index] += 1
            groups.add_packet(packet)
            encrypted = encrypted or packet.has_sidedata("encryption_info")
            last[packet.stream_index] = max(
                last[packet.stream_index], begin + float((packet.duration or 0) * packet.time_base)
            )
    except av.error.FFmpegError:
        pass  # what was read up to the fault counts; the full decode judges the fault
    lengths = [max(0.0, end - first) if end else 0.0 for end in last]
    begin = (container.start_time or 0) / 1_000_000
    return {"packets": packets, "lengths": lengths, "encrypted": encrypted, "groups": groups.report(begin)}


class _GOPScanner:
    """Follows the packets of an H.264 film: where its keyframes are, and whether it could be cut there and copied."""

    def __init__(self, films: list[Any]) -> None:
        context = films[0].codec_context if films else None
        header = (context.extradata or b"") if context is not None and context.name == "h264" else b""
        # Length-prefixed units behind one description, as MP4 and Matroska hold them (ISO/IEC 14496-15, 5.3.3).
        common = (
            header[:1] == b"\x01" and len(header) > AVCC_HEADER_BYTES and header[1] in COMMON_H264_PROFILES
        )
        self._index = films[0].index if common else None
        self._prefix = (header[4] & 3) + 1 if self._index is not None else 0
        self._starts: list[float] = []
        self._sizes: list[int] = []
        self._shown: list[float] = []

    def add_packet(self, packet: Any) -> None:
        if packet.stream_index != self._index:
            return
        begin = float(packet.pts * packet.time_base)
        if packet.is_keyframe:
            self._starts.append(begin)
            self._sizes.append(0)
        # A picture from before its keyframe leans on the group in front of it.
        torn = not self._starts or begin < self._starts[-1] or packet.is_discard
        if torn or self._has_inline_parameter_sets(packet):
            self._index = None
            return
        self._sizes[-1] += packet.size
        self._shown.append(begin)

    def _has_inline_parameter_sets(self, packet: Any) -> bool:
        """Whether a keyframe carries a description of its own, which may differ from the one in front."""
        content, at = bytes(packet) if packet.is_keyframe else b"", 0
        while at + self._prefix < len(content):
            if content[at + self._prefix] & NAL_TYPE_MASK == NAL_TYPE_SPS:
                return True
            at += self._prefix + int.from_bytes(content[at : at + self._prefix])
        return False

    def report(self, begin: float) -> dict[str, Any] | None:
        """Return nothing about a film that does not begin with the recording, with a keyframe."""
        shown = sorted(self._shown)
        if (
            self._index is None
            or not shown[1:]
            or not shown[0] == self._starts[0] <= begin + TIME_TOLERANCE_SECONDS
        ):
            return None
        steps = [later - earlier for earlier, later in pairwise(shown)]
        return {
            "starts": [start - shown[0] for start in self._starts],
            "sizes": self._sizes,
            "shortest": min(steps),
            "longest": max(steps),
        }


def describe_segments(folder: str, *names_and_counts: str) -> dict[str, Any]:
    """Read renditions piece by piece, as a player would, and return what each piece holds."""
    pairs = zip(names_and_counts[::2], names_and_counts[1::2], strict=True)
    return {
        "renditions": {name: _describe_rendition(Path(folder), name, int(count)) for name, count in pairs}
    }


def _describe_rendition(folder: Path, name: str, count: int) -> dict[str, Any]:
    import av

    files = [folder / f"{name}_init.mp4", *(folder / f"{name}_{number:05d}.m4s" for number in range(count))]
    joined = _ConcatenatedFiles(files)
    with av.open(joined, format="mp4", metadata_errors="ignore") as container:
        stream: Any = container.streams[0]
        context = stream.codec_context
        found: dict[str, Any] = {
            "streams": len(container.streams),
            "codec": context.name,
            "config": (context.extradata or b"")[:4].hex(),
            "words": sorted({*container.metadata, *stream.metadata}),
            "pieces": _segment_times(container, joined.starts, stream.time_base),
        }
        if stream.type == "video":
            found |= {
                "width": context.width,
                "height": context.height,
                "rate": float(stream.average_rate or 0),
            }
        return found


def _segment_times(container: Any, starts: list[int], time_base: Fraction) -> list[dict[str, Any]]:
    """Return per piece when it starts and ends in seconds, and whether one can begin to play there."""
    pieces: dict[int, dict[str, Any]] = {}
    for packet in container.demux():
        if packet.size == 0 or packet.pts is None:
            continue
        number = bisect.bisect_right(starts, packet.pos) - 2  # the first file is the header
        begin = float(packet.pts * time_base)
        end = begin + float((packet.duration or 0) * time_base)
        piece = pieces.setdefault(number, {"keyframe": packet.is_keyframe, "start": begin, "end": end})
        piece["start"], piece["end"] = min(piece["start"], begin), max(piece["end"], end)
    return [pieces[number] for number in sorted(pieces)]


class _ConcatenatedFiles(io.RawIOBase):
    """Several files read as if they were one."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__()
        self._files = files
        self.starts = [0]
        for file in files:
            self.starts.append(self.starts[-1] + file.stat().st_size)
        self._length = self.starts.pop()
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        if self._at >= self._length:
            return b""
        number = bisect.bisect_right(self.starts, self._at) - 1
        with self._files[number].open("rb") as file:
            file.seek(self._at - self.starts[number])
            piece = file.read(size)
        self._at += len(piece)
        return piece


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
