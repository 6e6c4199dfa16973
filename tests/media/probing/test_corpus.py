"""Unusual and malicious files of other projects; `SAMEBOAT_CORPUS` is their folder.

Each file goes through the whole pipeline from the bucket on. Within a minute it becomes playable or is rejected with a
sentence, and leaves no objects behind.
"""

import os
import time
from pathlib import Path

import pytest

from accounts.models import User
from media import storage
from media.models import Video
from media.playback.playlists import manifest_from_json
from media.probing.facts import NOT_A_RECORDING
from tests.media.uploaded_videos import create_uploaded_video, process_and_record

CORPUS = Path(os.environ.get("SAMEBOAT_CORPUS", "/nowhere"))
RECORDINGS = sorted(path for path in (CORPUS / "media-odd").rglob("*.*") if path.is_file())
PLAYLISTS = sorted(
    path for folder in ("playlists-m3u8", "playlists-mpd") for path in (CORPUS / folder).glob("*")
)
OTHER_FILE_TYPES = sorted((CORPUS / "media-tiny").glob("*.*"))
MAX_SECONDS = 60.0

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="SAMEBOAT_CORPUS is not a folder"),
    pytest.mark.usefixtures("bucket", "scratch_folder"),
]

# Valid recordings with codecs of phones and browsers.
MUST_BE_ACCEPTED = {
    *(
        "sample.mp4",
        "sample_fragmented.mp4",
        "sample_partially_fragmented.mp4",
        "sample_av1.mp4",
        "sample_opus.mp4",
    ),
    "portrait_4k60.mp4",
    "dolbyVision-hdr.MOV",
    "hdr10-video-with-sdr-container.mp4",
    "testvid_1022ms.mp4",
    "h265_with_metadata_track.mp4",
    "sample_with_color_info.mp4",
    "sample_android_slow_motion.mp4",
    *(
        "bear-vp9-odd-dimensions.webm",
        "roadtrip-vp92-10bit.webm",
        "sample_with_vorbis_audio.mkv",
        "bear-vp9.webm",
    ),
}
MUST_BE_REJECTED = {
    *(
        "sample_fragmented_clearkey.mp4",
        "subsample_encrypted_altref.webm",
        "subsample_encrypted_noaltref.webm",
    ),
    "sample_still_photo.heic",
    "sample_MP.heic",
    "sample_ac4_protected.mp4",
    "invalid-bitstream.webm",
}


def rejection_reason_for(recording: Path, owner: User) -> str | None:
    """Return None if the file became playable."""
    video = create_uploaded_video(owner, recording)
    start = time.monotonic()
    process_and_record(video)
    assert time.monotonic() - start < MAX_SECONDS
    keys = list(storage.list_keys(f"out/{video.pk}/"))
    if video.status == Video.Status.UNPLAYABLE:
        assert keys == []
        return video.reason
    assert keys == sorted(video.prefix + name for name in manifest_from_json(video.master).file_names)
    return None


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: str(path.name))
def test_unusual_recording_becomes_playable_or_is_rejected_with_a_sentence(recording: Path, bo: User) -> None:
    reason = rejection_reason_for(recording, bo)
    assert reason is None or reason.endswith(".")
    assert reason is None or recording.name not in MUST_BE_ACCEPTED
    assert reason is not None or recording.name not in MUST_BE_REJECTED


@pytest.mark.parametrize("playlist", PLAYLISTS, ids=lambda path: str(path.name))
def test_disguised_playlist_is_rejected(playlist: Path, tmp_path: Path, bo: User) -> None:
    disguised = tmp_path / "playlist.mp4"
    disguised.write_bytes(playlist.read_bytes())
    assert rejection_reason_for(disguised, bo) == NOT_A_RECORDING


@pytest.mark.parametrize("file", OTHER_FILE_TYPES, ids=lambda path: str(path.name))
def test_other_file_types_are_rejected_with_a_sentence(file: Path, bo: User) -> None:
    """Documents, archives, images and programs; a few are very short videos, which may be accepted."""
    reason = rejection_reason_for(file, bo)
    assert reason is None or reason.endswith(".")
    assert reason is not None or file.suffix in {".mp4", ".mkv", ".webm", ".mov", ".m4a", ".3gp"}
