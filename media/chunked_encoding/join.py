"""Joins encoded chunks with the first version and publishes the complete version."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from media import storage, video_status
from media.chunked_encoding.chunk_storage import EncodedChunk, encoded_chunk_from_json, work_prefix
from media.chunked_encoding.encode import ChunkMismatch
from media.encoding.outputs import check_keyframe_alignment
from media.encoding.renditions import ContentVersion, compute_content_hash
from media.models import Chunk, Splitting
from media.pipeline import (
    PARALLEL_TRANSFERS,
    STAGE_PERCENT_RANGES,
    STORING,
    ProcessingCancelled,
    ReportProgress,
)
from media.playback.playlists import Manifest, Rendition, manifest_from_json


@dataclass(frozen=True)
class CopyPlan:
    """Pairs of source and destination keys, and the SHA-256 of each file by its name in the joined version."""

    copies: list[tuple[str, str]]
    sha256_by_name: dict[str, str]


def join_chunks(splitting: Splitting, *, report: ReportProgress, is_cancelled: Callable[[], bool]) -> None:
    """Copy all chunks next to the first version and publish the result. Safe to run twice.

    Raises
    ------
    ChunkMismatch, media.pipeline.ProcessingCancelled, media.video_status.StaleVideo
    """
    video, chunks = splitting.video, list(splitting.chunks.all())
    encoded_chunks = [encoded_chunk_from_json(chunk.encoded) for chunk in chunks]
    plan = _plan_copies(chunks, encoded_chunks)
    version = _joined_version(
        manifest_from_json(video.master), encoded_chunks, {**splitting.first_files, **plan.sha256_by_name}
    )
    if video.prefix != splitting.prefix:
        raise video_status.StaleVideo(video)
    start, end = STAGE_PERCENT_RANGES[STORING]
    with ThreadPoolExecutor(PARALLEL_TRANSFERS) as pool:
        copies = pool.map(lambda keys: storage.copy_object(keys[0], to=keys[1]), plan.copies)
        for done, _ in enumerate(copies, start=1):
            if done % PARALLEL_TRANSFERS == 0:
                report(STORING, start + (end - start) * done // len(plan.copies))
                if is_cancelled():
                    pool.shutdown(wait=True, cancel_futures=True)
                    raise ProcessingCancelled(video)
    video_status.publish_version(video, version, prefix=splitting.prefix, is_intact=splitting.is_intact)
    splitting.delete()
    storage.delete_prefix(work_prefix(video))


def _plan_copies(chunks: list[Chunk], encoded_chunks: list[EncodedChunk]) -> CopyPlan:
    copies: list[tuple[str, str]] = []
    sha256_by_name: dict[str, str] = {}
    for chunk, encoded_chunk in zip(chunks, encoded_chunks, strict=True):
        for chunk_file_name, sha256 in encoded_chunk.files.items():
            name = _joined_file_name(chunk_file_name, chunk.first_segment)
            # Initialisation segments occur in every chunk and must be identical.
            if sha256_by_name.setdefault(name, sha256) != sha256:
                raise ChunkMismatch(f"{name} differs between chunks")
            copies.append((encoded_chunk.prefix + chunk_file_name, chunk.splitting.prefix + name))
    return CopyPlan(copies, sha256_by_name)


def _joined_file_name(name: str, first_segment: int) -> str:
    if not name.endswith(".m4s"):
        return name
    rendition_name, _, number = name.removesuffix(".m4s").rpartition("_")
    return f"{rendition_name}_{int(number) + first_segment:05d}.m4s"


def _joined_version(
    first_version: Manifest, encoded_chunks: list[EncodedChunk], sha256_by_name: Mapping[str, str]
) -> ContentVersion:
    renditions = [
        _joined_rendition(parts)
        for parts in zip(*(encoded_chunk.renditions for encoded_chunk in encoded_chunks), strict=True)
    ]
    check_keyframe_alignment([*renditions, first_version.video_renditions[-1]])
    manifest = replace(first_version, renditions=(*renditions, *first_version.renditions))
    return ContentVersion(manifest, compute_content_hash(sha256_by_name))


def _joined_rendition(parts: tuple[Rendition, ...]) -> Rendition:
    """Join the parts of one rendition, one per chunk, which must be encoded alike."""
    durations = tuple(duration for part in parts for duration in part.durations)
    bits = sum(part.average_bps * part.seconds for part in parts)
    joined = replace(
        parts[0],
        durations=durations,
        peak_bps=max(part.peak_bps for part in parts),
        average_bps=int(bits / sum(durations)),
    )
    if any((part.name, part.codecs) != (joined.name, joined.codecs) for part in parts):
        raise ChunkMismatch("chunks are encoded in different ways")
    return joined
