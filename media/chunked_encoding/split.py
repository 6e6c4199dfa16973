"""Splits a recording into chunks once its first version can be watched, and tracks their state in the database."""

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from media.chunked_encoding.chunk_storage import EncodedChunk
from media.chunked_encoding.plan import can_encode_in_chunks, plan_chunks
from media.encoding.renditions import EncodedVideo
from media.models import Chunk, Splitting, Video
from media.probing.validation import ValidatedRecording


class FirstVersionReplaced(Exception):
    """The video no longer refers to the first version that was to be split."""


def should_split(video: Video, recording: ValidatedRecording) -> bool:
    """Whether to encode the higher renditions in chunks; False if that has failed for this video before."""
    if recording.tracks.face_mask is not None:
        return False  # the mask file exists on this machine only
    can_split = can_encode_in_chunks(
        recording.plan.video, seconds=recording.seconds, min_seconds=settings.SPLIT_FROM_SECONDS
    )
    return can_split and not Splitting.objects.filter(video=video, given_up=True).exists()


@transaction.atomic
def split_into_chunks(
    video: Video, recording: ValidatedRecording, first_version: EncodedVideo, *, prefix: str, sha256: str
) -> Splitting:
    """Save the planned chunks, replacing any earlier ones; the caller enqueues jobs for them.

    Raises FirstVersionReplaced.
    """
    video_plan, track = recording.plan.video, recording.tracks.video
    current = Video.objects.select_for_update().filter(pk=video.pk, prefix=prefix)
    if video_plan is None or track is None or not current.filter(status=Video.Status.PROCESSING).exists():
        raise FirstVersionReplaced
    Splitting.objects.filter(video=video).delete()
    splitting = Splitting.objects.create(
        video=video,
        prefix=prefix,
        is_intact=recording.is_intact,
        source_sha256=sha256,
        track=track,
        video_plan=video_plan.as_json(),
        first_files={file.name: file.sha256 for file in first_version.files},
    )
    chunk_ranges = plan_chunks(
        seconds=recording.first_version.renditions[0].seconds,
        rate=video_plan.rate,
        max_chunk_seconds=settings.SPLIT_FROM_SECONDS / 2,
    )
    Chunk.objects.bulk_create(
        Chunk(
            splitting=splitting,
            first_segment=chunk_range.first_segment,
            segment_count=chunk_range.segment_count,
            first_frame=chunk_range.first_frame,
            frame_count=chunk_range.frame_count,
        )
        for chunk_range in chunk_ranges
    )
    return splitting


def pending_chunks(video: Video | None) -> QuerySet[Chunk]:
    """Chunks of a video that still have to be encoded."""
    return Chunk.objects.filter(splitting__video=video, splitting__given_up=False, encoded={})


def lock_splitting(chunk: Chunk) -> Splitting | None:
    """Lock the chunk's splitting, so that workers save results one at a time; None if it was replaced or abandoned."""
    return Splitting.objects.select_for_update().filter(pk=chunk.splitting_id, given_up=False).first()


def save_encoded_chunk(chunk: Chunk, encoded_chunk: EncodedChunk) -> None:
    Chunk.objects.filter(pk=chunk.pk).update(encoded=encoded_chunk.as_json(), percent=100)


def abandon_splitting(splitting: Splitting) -> None:
    """Encode the recording as a whole from now on."""
    Splitting.objects.filter(pk=splitting.pk).update(given_up=True)


def are_all_chunks_encoded(splitting: Splitting) -> bool:
    return not splitting.chunks.filter(encoded={}).exists()
