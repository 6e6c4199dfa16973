"""Note down how a long recording is parted, once its first version can be watched."""

from django.conf import settings
from django.db import transaction

from media.chunked_encoding.plan import can_encode_in_chunks, plan_chunks
from media.encoding.renditions import EncodedVideo
from media.models import Chunk, Splitting, Video
from media.probing.validation import ValidatedRecording


class FirstVersionReplaced(Exception):
    """The video no longer points at the first version that was to be parted."""


def should_split(video: Video, recording: ValidatedRecording) -> bool:
    """Whether the larger sizes are to be made in parts; not if that was tried with this video and did not work."""
    may = can_encode_in_chunks(
        recording.plan.video, seconds=recording.seconds, min_seconds=settings.SPLIT_FROM_SECONDS
    )
    may = may and recording.tracks.face_mask is None  # which lies on this machine only
    return may and not Splitting.objects.filter(video=video, given_up=True).exists()


@transaction.atomic
def split_into_chunks(
    video: Video, recording: ValidatedRecording, first: EncodedVideo, *, prefix: str, sha256: str
) -> Splitting:
    """Write the parts down in place of any from before; whoever drives the work hands them in as jobs.

    Raises AlreadyMovedOn.
    """
    picture, track = recording.plan.video, recording.tracks.video
    current = Video.objects.select_for_update().filter(pk=video.pk, prefix=prefix)
    if picture is None or track is None or not current.filter(status=Video.Status.PROCESSING).exists():
        raise FirstVersionReplaced
    Splitting.objects.filter(video=video).delete()
    splitting = Splitting.objects.create(
        video=video,
        prefix=prefix,
        sound=recording.is_intact,
        source_sha256=sha256,
        track=track,
        picture=picture.as_json(),
        first_files={file.name: file.sha256 for file in first.files},
    )
    parts = plan_chunks(
        seconds=recording.first_version.renditions[0].seconds,
        rate=picture.rate,
        max_chunk_seconds=settings.SPLIT_FROM_SECONDS / 2,
    )
    Chunk.objects.bulk_create(
        Chunk(
            splitting=splitting,
            first_piece=part.first_segment,
            pieces=part.segment_count,
            first_frame=part.first_frame,
            frames=part.frame_count,
        )
        for part in parts
    )
    return splitting
