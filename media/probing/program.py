"""Describes media files as JSON. Runs inside the sandbox as a separate program.

It imports only PyAV and the standard library: none of our code is mounted in the sandbox. The worker never opens a
media file, not even an encoder output, because a malicious upload may have compromised the encoder.

    program.py LIBRARIES describe FORMATS CODECS MAX_PIXELS FILE
    program.py LIBRARIES segments FOLDER NAME COUNT [NAME COUNT ...]
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
COMMON_H264_PROFILES = frozenset({66, 77, 100})  # baseline, main and high: every browser decodes them
AVCC_HEADER_BYTES = 5
NAL_TYPE_MASK, NAL_TYPE_SPS = 0x1F, 7  # ITU-T H.264, table 7-1
FULL_COLOUR_RANGE = 2
TIME_TOLERANCE_SECONDS = 0.0005
BT709_OR_UNSPECIFIED = frozenset({1, 2})  # ITU-T H.273, table 4


def main(arguments: list[str]) -> int:
    libraries, task, *rest = arguments
    sys.path.append(libraries)
    import av.error

    sys.stdout.write(READY + "\n")
    sys.stdout.flush()
    try:
        report = describe_file(*rest) if task == "describe" else describe_segments(*rest)
    except (av.error.FFmpegError, OSError, ValueError, EOFError) as error:
        report = {"error": type(error).__name__}
    sys.stdout.write(json.dumps(report) + "\n")
    return 0


def describe_file(formats: str, codecs: str, max_pixels: str, file: str) -> dict[str, Any]:
    """Return facts about the container, its streams and the first frame that decodes."""
    import av

    options = {"format_whitelist": formats, "codec_whitelist": codecs, "protocol_whitelist": "file"}
    with av.open(file, options=options, metadata_errors="ignore") as container:
        report = {
            "format": container.format.name,
            "seconds": None if container.duration is None else container.duration / 1_000_000,
            "streams": [_describe_stream(stream) for stream in container.streams],
            "first_frame": _describe_first_frame(container, int(max_pixels)),
        }
    with av.open(file, options=options, metadata_errors="ignore") as container:
        return report | _measure_packets(container)


def _describe_stream(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    tag = "" if context is None else context.codec_tag
    description: dict[str, Any] = {
        "index": stream.index,
        "type": stream.type,
        "codec": None if context is None else context.name[:MAX_CODEC_NAME_LENGTH],
        "cover_art": _is_cover_art(stream),
        "encrypted": tag in ENCRYPTED_CODEC_TAGS or "enc_key_id" in stream.metadata,
        "seconds": None if stream.duration is None else float(stream.duration * stream.time_base),
    }
    if context is not None and stream.type == "video":
        description |= {
            "width": context.width,
            "height": context.height,
            "sar": _ratio_as_list(context.sample_aspect_ratio),
            "rate": _ratio_as_list(stream.average_rate),
            "transfer": int(context.color_trc),
        }
    if context is not None and stream.type == "audio":
        description |= {"channels": context.channels, "sample_rate": context.sample_rate}
    return description


def _is_cover_art(stream: Any) -> bool:
    """Whether this is an image embedded in an audio file, not a video stream."""
    return bool(stream.disposition & stream.disposition.attached_pic)


def _ratio_as_list(value: Fraction | None) -> list[int] | None:
    return None if not value else [value.numerator, value.denominator]


def _describe_first_frame(container: "av.container.InputContainer", max_pixels: int) -> dict[str, Any] | None:
    """Decode the first frame: often only the frame contains rotation and colour information."""
    import av.error

    stream = next((stream for stream in container.streams.video if not _is_cover_art(stream)), None)
    if stream is None or stream.codec_context is None:
        return None
    if stream.codec_context.width * stream.codec_context.height > max_pixels:
        return None
    try:
        for _, packet in zip(range(MAX_PACKETS_TO_FIRST_FRAME), container.demux(stream), strict=False):
            for frame in packet.decode():
                return {
                    "width": frame.width,
                    "height": frame.height,
                    "rotation": frame.rotation,
                    "transfer": int(frame.color_trc),
                    "is_standard": _is_standard_frame(frame),
                }
    except (av.error.FFmpegError, ValueError):
        return None
    return None


def _is_standard_frame(frame: Any) -> bool:
    """Whether the frame has the pixel format that our own encoder produces."""
    if frame.format.name != "yuv420p" or frame.interlaced_frame or frame.rotation:
        return False
    return int(frame.colorspace) in BT709_OR_UNSPECIFIED and int(frame.color_range) != FULL_COLOUR_RANGE


def _measure_packets(container: "av.container.InputContainer") -> dict[str, Any]:
    """Return the number of packets and the end in seconds of each stream; durations in headers are often wrong."""
    import av.error

    first, last = float("inf"), [0.0] * len(container.streams)
    gop_scanner = _GOPScanner([stream for stream in container.streams.video if not _is_cover_art(stream)])
    packets = [0] * len(container.streams)
    encrypted = False
    try:
        for packet in container.demux():
            if packet.pts is None or packet.time_base is None:
                continue
            start = float(packet.pts * packet.time_base)
            first = min(first, start)
            packets[packet.stream_index] += 1
            gop_scanner.add_packet(packet)
            encrypted = encrypted or packet.has_sidedata("encryption_info")
            last[packet.stream_index] = max(
                last[packet.stream_index], start + float((packet.duration or 0) * packet.time_base)
            )
    except av.error.FFmpegError:
        pass  # the full decode decides later whether the fault matters
    return {
        "packets": packets,
        "stream_seconds": [max(0.0, end - first) if end else 0.0 for end in last],
        "encrypted": encrypted,
        "gops": gop_scanner.report((container.start_time or 0) / 1_000_000),
    }


class _GOPScanner:
    """Collects the groups of pictures of an H.264 stream while it can still be cut at keyframes and copied."""

    def __init__(self, video_streams: list[Any]) -> None:
        context = video_streams[0].codec_context if video_streams else None
        header = (context.extradata or b"") if context is not None and context.name == "h264" else b""
        # AVCC: length-prefixed NAL units with parameter sets in the header (ISO/IEC 14496-15, 5.3.3).
        is_common_avcc = (
            header[:1] == b"\x01" and len(header) > AVCC_HEADER_BYTES and header[1] in COMMON_H264_PROFILES
        )
        self._stream_index = video_streams[0].index if is_common_avcc else None
        self._length_bytes = (header[4] & 3) + 1 if is_common_avcc else 0
        self._gop_starts: list[float] = []
        self._gop_sizes: list[int] = []
        self._frame_times: list[float] = []

    def add_packet(self, packet: Any) -> None:
        if packet.stream_index != self._stream_index:
            return
        start = float(packet.pts * packet.time_base)
        if packet.is_keyframe:
            self._gop_starts.append(start)
            self._gop_sizes.append(0)
        # A frame that is shown before its keyframe refers to the previous group (open GOP).
        is_open_gop = not self._gop_starts or start < self._gop_starts[-1] or packet.is_discard
        if is_open_gop or self._has_inline_parameter_sets(packet):
            self._stream_index = None
            return
        self._gop_sizes[-1] += packet.size
        self._frame_times.append(start)

    def _has_inline_parameter_sets(self, packet: Any) -> bool:
        """Whether a keyframe contains parameter sets, which may differ from those in the header."""
        content, offset = bytes(packet) if packet.is_keyframe else b"", 0
        while offset + self._length_bytes < len(content):
            if content[offset + self._length_bytes] & NAL_TYPE_MASK == NAL_TYPE_SPS:
                return True
            offset += self._length_bytes + int.from_bytes(content[offset : offset + self._length_bytes])
        return False

    def report(self, container_start: float) -> dict[str, Any] | None:
        """Return None unless the stream starts together with the recording and with a keyframe."""
        frame_times = sorted(self._frame_times)
        if self._stream_index is None or len(frame_times) < 2:  # noqa: PLR2004 - one duration needs two frames
            return None
        if not frame_times[0] == self._gop_starts[0] <= container_start + TIME_TOLERANCE_SECONDS:
            return None
        frame_seconds = [later - earlier for earlier, later in pairwise(frame_times)]
        return {
            "starts": [start - frame_times[0] for start in self._gop_starts],
            "sizes": self._gop_sizes,
            "shortest_frame": min(frame_seconds),
            "longest_frame": max(frame_seconds),
        }


def describe_segments(folder: str, *names_and_counts: str) -> dict[str, Any]:
    """Demux renditions segment by segment, as a player does."""
    pairs = zip(names_and_counts[::2], names_and_counts[1::2], strict=True)
    return {
        "renditions": {name: _describe_rendition(Path(folder), name, int(count)) for name, count in pairs}
    }


def _describe_rendition(folder: Path, name: str, count: int) -> dict[str, Any]:
    import av

    files = [folder / f"{name}_init.mp4", *(folder / f"{name}_{number:05d}.m4s" for number in range(count))]
    concatenated = _ConcatenatedFiles(files)
    with av.open(concatenated, format="mp4", metadata_errors="ignore") as container:
        stream: Any = container.streams[0]
        context = stream.codec_context
        description: dict[str, Any] = {
            "streams": len(container.streams),
            "codec": context.name,
            "avcc_header": (context.extradata or b"")[:4].hex(),
            "metadata_keys": sorted({*container.metadata, *stream.metadata}),
            "segments": _segment_times(container, concatenated.offsets, stream.time_base),
        }
        if stream.type == "video":
            description |= {
                "width": context.width,
                "height": context.height,
                "rate": float(stream.average_rate or 0),
            }
        return description


def _segment_times(container: Any, offsets: list[int], time_base: Fraction) -> list[dict[str, Any]]:
    """Return start and end in seconds of each segment, and whether it starts with a keyframe."""
    segments: dict[int, dict[str, Any]] = {}
    for packet in container.demux():
        if packet.size == 0 or packet.pts is None:
            continue
        number = bisect.bisect_right(offsets, packet.pos) - 2  # the first file is the initialisation segment
        start = float(packet.pts * time_base)
        end = start + float((packet.duration or 0) * time_base)
        segment = segments.setdefault(number, {"keyframe": packet.is_keyframe, "start": start, "end": end})
        segment["start"], segment["end"] = min(segment["start"], start), max(segment["end"], end)
    return [segments[number] for number in sorted(segments)]


class _ConcatenatedFiles(io.RawIOBase):
    """Read-only stream over several files; `offsets` are the zero-based starts of the files."""

    def __init__(self, files: list[Path]) -> None:
        super().__init__()
        self._files = files
        self.offsets = [0]
        for file in files:
            self.offsets.append(self.offsets[-1] + file.stat().st_size)
        self._size = self.offsets.pop()
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        if self._position >= self._size:
            return b""
        file_index = bisect.bisect_right(self.offsets, self._position) - 1
        with self._files[file_index].open("rb") as file:
            file.seek(self._position - self.offsets[file_index])
            content = file.read(size)
        self._position += len(content)
        return content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
