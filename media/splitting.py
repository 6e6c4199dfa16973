"""Note down how a long recording is parted, once its first version can be watched."""

from django.conf import settings
from django.db import transaction

from media.encoding import Outputs
from media.gate import Checked
from media.models import Chunk, Splitting, Video
from media.spans import may_be_parted, spans


class AlreadyMovedOn(Exception):
    """The video no longer points at the first version that was to be parted."""


def wanted(video: Video, checked: Checked) -> bool:
    """Whether the larger sizes are to be made in parts; not if that was tried with this video and did not work."""
    may = may_be_parted(
        checked.plan.picture, seconds=checked.seconds, from_seconds=settings.SPLIT_FROM_SECONDS
    )
    may = may and checked.tracks.cover is None  # which lies on this machine only
    return may and not Splitting.objects.filter(video=video, given_up=True).exists()


@transaction.atomic
def begin(video: Video, checked: Checked, first: Outputs, *, prefix: str, sha256: str) -> Splitting:
    """Write the parts down in place of any from before; whoever drives the work hands them in as jobs.

    Raises AlreadyMovedOn.
    """
    picture, track = checked.plan.picture, checked.tracks.video
    current = Video.objects.select_for_update().filter(pk=video.pk, prefix=prefix)
    if picture is None or track is None or not current.filter(status=Video.Status.PROCESSING).exists():
        raise AlreadyMovedOn
    Splitting.objects.filter(video=video).delete()
    splitting = Splitting.objects.create(
        video=video,
        prefix=prefix,
        sound=checked.sound,
        source_sha256=sha256,
        track=track,
        picture=picture.as_json(),
        first_files={file.name: file.sha256 for file in first.files},
    )
    parts = spans(
        seconds=checked.made.renditions[0].seconds,
        rate=picture.rate,
        longest=settings.SPLIT_FROM_SECONDS / 2,
    )
    Chunk.objects.bulk_create(
        Chunk(
            splitting=splitting,
            first_piece=part.first,
            pieces=part.pieces,
            first_frame=part.first_frame,
            frames=part.frames,
        )
        for part in parts
    )
    return splitting
