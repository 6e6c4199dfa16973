"""The parts of an upload: which have arrived, and where to send the others."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction

from media import multiparts
from media.models import Upload
from media.storage import NoSuchMultipart
from media.uploads import UploadClosed, UploadRefused, well_formed

MOST_ADDRESSES_AT_ONCE = 100


class NoSuchPart(Exception):
    """A part was asked for that the upload does not have."""

    def __init__(self, upload: Upload, number: int) -> None:
        super().__init__(f"upload {upload.pk} has no part {number}")
        self.upload = upload
        self.number = number


@dataclass(frozen=True)
class PartAddress:
    """Where to PUT one part, how many bytes it has to have, for how long the address holds, and what to say with it."""

    number: int
    size: int
    url: str
    seconds: int
    headers: Mapping[str, str]


def addresses(upload: Upload, numbers: Collection[int], *, sha256: Collection[str] = ()) -> list[PartAddress]:
    """Return addresses for these parts; the store takes exactly the announced number of bytes at each.

    Parameters
    ----------
    sha256
        The checksum of each of these parts, in hexadecimal digits, for an upload that checks its parts.

    Raises
    ------
    UploadClosed, NoSuchPart
    UploadRefused
        Checksums are lacking, or there are some although the upload was begun without.
    """
    if upload.state != Upload.State.OPEN:
        raise UploadClosed(upload)
    sums = _sums(upload, numbers, sha256)
    wanted = sorted(set(numbers))[:MOST_ADDRESSES_AT_ONCE]
    for number in wanted:
        if not 1 <= number <= upload.part_count:
            raise NoSuchPart(upload, number)
    if sums:
        _remember(upload, sums)
    return [_address(upload, number, sums.get(number, "")) for number in wanted]


def arrived(upload: Upload) -> list[multiparts.Part]:
    """Return the parts that the store holds; all of them once the upload is complete would be no use to anyone."""
    if upload.state != Upload.State.OPEN:
        return []
    try:
        return multiparts.arrived(upload.key, upload.multipart_id)
    except NoSuchMultipart:
        # The store made the object and we were stopped before we wrote that down: `complete` picks it up.
        return []


def _address(upload: Upload, number: int, sha256: str) -> PartAddress:
    size = upload.size_of_part(number)
    headers = multiparts.headers_for(sha256)
    url = multiparts.sign(upload.key, upload.multipart_id, number=number, size=size, sha256=sha256)
    return PartAddress(number, size, url, multiparts.PART_ADDRESS_SECONDS, headers)


@transaction.atomic
def _remember(upload: Upload, sums: Mapping[int, str]) -> None:
    """Write down what the parts are sent with: the store asks for it again when it joins them."""
    row = Upload.objects.select_for_update().only("part_sums").get(pk=upload.pk)
    row.part_sums |= {str(number): sum_ for number, sum_ in sums.items()}
    row.save(update_fields=["part_sums"])


def _sums(upload: Upload, numbers: Collection[int], sha256: Collection[str]) -> dict[int, str]:
    if not upload.checks_parts and sha256:
        raise UploadRefused(
            "sha256",
            "This upload was begun without checksums of its parts.",
            "Leave them out, or begin anew.",
        )
    if upload.checks_parts and len(sha256) != len(numbers):
        raise UploadRefused(
            "sha256", "This upload checks its parts.", "Send one SHA-256 for each number, in the same order."
        )
    return {number: well_formed(sum_) for number, sum_ in zip(numbers, sha256, strict=False)}
