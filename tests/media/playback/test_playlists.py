import json
from dataclasses import replace

import pytest

from media.playback.playlists import Manifest, Rendition, manifest_from_json
from media.playback.storyboard import Storyboard

LARGE_RENDITION = Rendition(
    "v720",
    "video",
    "avc1.64001f",
    2_000_000,
    1_500_000,
    (4.0, 4.0, 1.5),
    width=1280,
    height=720,
    frame_rate=30.0,
)
SMALL_RENDITION = Rendition(
    "v240", "video", "avc1.640015", 300_000, 200_000, (4.0, 4.0, 1.5), width=426, height=240
)
AUDIO = Rendition("a", "audio", "mp4a.40.2", 130_000, 128_000, (4.010667, 3.989333, 1.5))
STORYBOARD = Storyboard(every_ms=1000, count=10, columns=10, width=160, height=90)
VIDEO_MANIFEST = Manifest((LARGE_RENDITION, SMALL_RENDITION, AUDIO), posters=3, storyboard=STORYBOARD)
AUDIO_ONLY_MANIFEST = Manifest((AUDIO,), levels=(0, 40, 100))


def test_master_playlist_lists_every_size_with_separate_audio() -> None:
    text = VIDEO_MANIFEST.playlist_text("master.m3u8")
    assert text is not None
    assert 'URI="a.m3u8"' in text
    assert (
        'BANDWIDTH=2130000,AVERAGE-BANDWIDTH=1628000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720'
        in text
    )
    assert text.splitlines()[-1] == "v240.m3u8"


def test_master_playlist_of_audio_only_has_no_audio_group() -> None:
    text = Manifest((AUDIO,)).playlist_text("master.m3u8")
    assert text is not None
    assert "#EXT-X-MEDIA" not in text
    assert text.endswith(
        '#EXT-X-STREAM-INF:BANDWIDTH=130000,AVERAGE-BANDWIDTH=128000,CODECS="mp4a.40.2"\na.m3u8\n'
    )


def test_master_playlist_of_silent_video_has_no_audio() -> None:
    text = Manifest((LARGE_RENDITION,)).playlist_text("master.m3u8")
    assert text is not None
    assert "AUDIO" not in text


def test_media_playlist_has_relative_uris_and_an_end_tag() -> None:
    text = VIDEO_MANIFEST.playlist_text("v720.m3u8")
    assert text is not None
    assert text.splitlines()[-3:] == ["#EXTINF:1.500000,", "v720_00002.m4s", "#EXT-X-ENDLIST"]
    assert "/" not in text
    assert "#EXT-X-TARGETDURATION:4" in text


@pytest.mark.parametrize("name", ["", "v1080.m3u8", "a", ".m3u8", "../v720.m3u8", "master", "v720.m3u8\n"])
def test_unknown_playlist_names_return_none(name: str) -> None:
    assert VIDEO_MANIFEST.playlist_text(name) is None


def test_manifest_has_exactly_the_files_of_its_version() -> None:
    assert all(VIDEO_MANIFEST.has_file(name) for name in VIDEO_MANIFEST.file_names)
    assert len(VIDEO_MANIFEST.file_names) == 3 + 1 + 3 * 4
    for name in (
        *("v720_00003.m4s", "v1080_init.mp4", "v720_0.m4s", "b_init.mp4", "", "poster.png", "master.m3u8"),
        *("poster_3.jpg", "poster_00.jpg", "poster_\u0661.jpg", "storyboard.vtt", "waveform.json"),
        *("../v720_init.mp4", "v720_init.mp4/", "v720_init.mp4\n", "v720_\u0660\u0660\u0660\u0660\u0660.m4s"),
    ):
        assert not VIDEO_MANIFEST.has_file(name), name


def test_manifest_survives_a_json_round_trip() -> None:
    for manifest in (VIDEO_MANIFEST, AUDIO_ONLY_MANIFEST):
        assert manifest_from_json(json.loads(json.dumps(manifest.as_json()))) == manifest


def test_audio_only_manifest_has_a_waveform_and_no_storyboard() -> None:
    assert AUDIO_ONLY_MANIFEST.storyboard_webvtt() is None
    assert not AUDIO_ONLY_MANIFEST.has_file("storyboard.jpg")
    assert json.loads(AUDIO_ONLY_MANIFEST.waveform_json() or "") == {
        "seconds": pytest.approx(9.5),
        "levels": [0, 40, 100],
    }


def test_video_manifest_has_a_storyboard_and_no_waveform() -> None:
    assert (VIDEO_MANIFEST.storyboard_webvtt() or "").startswith("WEBVTT\n")
    assert VIDEO_MANIFEST.waveform_json() is None


def test_duration_is_that_of_the_longest_rendition() -> None:
    assert VIDEO_MANIFEST.seconds == pytest.approx(9.5)


def test_growing_playlist_starts_at_zero_and_has_no_end_tag() -> None:
    growing = Manifest((SMALL_RENDITION, AUDIO), posters=0, growing=8)
    text = growing.playlist_text("v240.m3u8")
    assert text is not None
    assert {"#EXT-X-PLAYLIST-TYPE:EVENT", "#EXT-X-START:TIME-OFFSET=0"} <= set(text.splitlines())
    assert "#EXT-X-ENDLIST" not in text
    assert manifest_from_json(growing.as_json()) == growing


def test_target_duration_is_constant_while_a_playlist_grows() -> None:
    early, late = ((2.0,), (2.0, 7.9))
    for durations in (early, late):
        text = Manifest((replace(SMALL_RENDITION, durations=durations),), growing=8).playlist_text(
            "v240.m3u8"
        )
        assert "#EXT-X-TARGETDURATION:8" in (text or "").splitlines()


def test_growing_manifest_has_no_images() -> None:
    growing = Manifest((SMALL_RENDITION, AUDIO), posters=0, growing=4)
    assert not growing.has_file("poster_0.jpg")
    assert growing.file_names == [*SMALL_RENDITION.file_names, *AUDIO.file_names]
