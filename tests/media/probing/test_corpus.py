"""Other people's odd and hostile files, where there are any: `SAMEBOAT_CORPUS` names their folder.

Each takes the whole way that an upload takes, from the bucket on. It ends within a minute, in something that plays or
in a sentence for people, and leaves nothing behind.
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
MAX_SECONDS = 60.0  # seconds

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="SAMEBOAT_CORPUS names no folder of odd files"),
    pytest.mark.usefixtures("bucket", "scratch_folder"),
]

# Whole and honest: their codecs are ones that phones and browsers record.
MUST_BE_ACCEPTED = {
    *(
        "sample.mp4",
        "sample_fragmented.mp4",
        "sample_partially_fragmented.mp4",
        "sample_av1.mp4",
        "sample_opus.mp4",
    ),
    *("portrait_4k60.mp4", "dolbyVision-hdr.MOV", "hdr10-video-with-sdr-container.mp4", "testvid_1022ms.mp4"),
    *("h265_with_metadata_track.mp4", "sample_with_color_info.mp4", "sample_android_slow_motion.mp4"),
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
    *("sample_still_photo.heic", "sample_MP.heic", "sample_ac4_protected.mp4", "invalid-bitstream.webm"),
}


def rejection_reason_for(film: Path, owner: User) -> str | None:
    """Prepare a file as an upload; return the refusal, None if it came out playable."""
    video = create_uploaded_video(owner, film)
    began = time.monotonic()
    process_and_record(video)
    assert time.monotonic() - began < MAX_SECONDS
    left = list(storage.list_keys(f"out/{video.pk}/"))
    if video.status == Video.Status.UNPLAYABLE:
        assert left == []
        return video.reason
    assert left == sorted(video.prefix + name for name in manifest_from_json(video.master).file_names)
    return None


@pytest.mark.parametrize("film", RECORDINGS, ids=lambda path: str(path.name))
def test_a_recording_is_played_or_refused_in_words(film: Path, bo: User) -> None:
    reason = rejection_reason_for(film, bo)
    assert reason is None or reason.endswith(".")
    assert reason is None or film.name not in MUST_BE_ACCEPTED
    assert reason is not None or film.name not in MUST_BE_REJECTED


@pytest.mark.parametrize("playlist", PLAYLISTS, ids=lambda path: str(path.name))
def test_a_playlist_in_disguise_is_refused(playlist: Path, tmp_path: Path, bo: User) -> None:
    disguised = tmp_path / "film.mp4"
    disguised.write_bytes(playlist.read_bytes())
    assert rejection_reason_for(disguised, bo) == NOT_A_RECORDING


@pytest.mark.parametrize("file", OTHER_FILE_TYPES, ids=lambda path: str(path.name))
def test_files_of_other_kinds_are_refused_in_words(file: Path, bo: User) -> None:
    """Documents, archives, pictures and programs; a few are very small films, which may pass."""
    reason = rejection_reason_for(file, bo)
    assert reason is None or reason.endswith(".")
    assert reason is not None or file.suffix in {".mp4", ".mkv", ".webm", ".mov", ".m4a", ".3gp"}
