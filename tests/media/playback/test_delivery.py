import urllib.error
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest

from accounts.models import User
from media import erasure, storage
from media.models import Captions, Upload, Video
from media.playback import delivery, playlists
from media.playback.delivery import NoSuchFile
from tests.media.sample_recordings import RecordingFactory
from tests.media.uploaded_videos import create_uploaded_video, process_and_record
from tests.story_factories import create_recording

pytestmark = pytest.mark.usefixtures("bucket", "scratch_folder")


@pytest.fixture
def video(bo: User, recording_factory: RecordingFactory) -> Video:
    video = create_uploaded_video(bo, recording_factory.video_with_tone())
    process_and_record(video)
    return video


def fetch_url(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 - the test's own store
            return len(response.read()), response.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return -error.code, ""


def test_every_file_in_the_playlists_can_be_fetched(video: Video) -> None:
    names = [playlists.MASTER_PLAYLIST]
    files: list[str] = []
    while names:
        for line in delivery.generate_file(video, names.pop()).text.splitlines():
            uri = line.partition('URI="')[2].rstrip('"') or line
            (names if uri.endswith(".m3u8") else files).append(uri)
    files = [file for file in files if not file.startswith("#")]
    assert sorted(files) == ["a_00000.m4s", "a_init.mp4", "v240_00000.m4s", "v240_init.mp4"]
    for file in files:
        size, content_type = fetch_url(delivery.signed_url(video, file))
        assert size > 100
        assert content_type == "video/mp4"
    for image in (delivery.CHOSEN_POSTER_NAME, *delivery.poster_names(video), "storyboard.jpg"):
        assert fetch_url(delivery.signed_url(video, image))[1] == "image/jpeg"
    assert "storyboard.jpg#xywh=0,0," in delivery.generate_file(video, "storyboard.vtt").text


def test_presigned_url_expires_within_a_minute(video: Video) -> None:
    query = parse_qs(urlsplit(delivery.signed_url(video, "a_init.mp4")).query)
    assert int(query["X-Amz-Expires"][0]) <= 60


def test_playlists_contain_no_presigned_urls(video: Video) -> None:
    for name in ("master.m3u8", "v240.m3u8", "a.m3u8", "storyboard.vtt"):
        text = delivery.generate_file(video, name).text
        assert "X-Amz" not in text
        assert video.prefix not in text


@pytest.mark.parametrize(
    "name",
    ["source", "v240_00001.m4s", "../x/v240_init.mp4", "", "master.m3u8", "v240_init.mp4\x00", "%2e%2e"],
)
def test_unknown_names_have_no_presigned_url(video: Video, name: str) -> None:
    with pytest.raises(NoSuchFile):
        delivery.signed_url(video, name)


@pytest.mark.parametrize("name", ["v1080.m3u8", "poster.jpg", "", "../master.m3u8", "waveform.json"])
def test_unknown_names_are_not_generated(video: Video, name: str) -> None:
    with pytest.raises(NoSuchFile):
        delivery.generate_file(video, name)


def test_poster_selection_falls_back_to_the_first_poster(video: Video) -> None:
    assert len(delivery.poster_names(video)) == 3
    for selected, name in ((0, "poster_0.jpg"), (2, "poster_2.jpg"), (7, "poster_0.jpg")):
        url = urlsplit(delivery.signed_url(video, delivery.CHOSEN_POSTER_NAME, poster=selected)).path
        assert url.endswith(f"/{name}")


@pytest.mark.parametrize("status", [Video.Status.STORED, Video.Status.PROCESSING, Video.Status.UNPLAYABLE])
def test_unplayable_video_has_no_files(bo: User, status: Video.Status) -> None:
    video = create_recording(bo, status=status)
    for get_file in (delivery.generate_file, delivery.signed_url):
        with pytest.raises(NoSuchFile):
            get_file(video, "master.m3u8")


def test_erasing_a_video_deletes_its_objects_and_rows(video: Video) -> None:
    url = delivery.signed_url(video, "v240_00000.m4s")
    Captions.objects.create(video=video, language="en", vtt="WEBVTT\n", cues=1)
    erasure.erase_video(video)
    erasure.erase_video(video)
    assert list(storage.list_keys("")) == []
    assert fetch_url(url)[0] == -404
    assert (Video.objects.count(), Upload.objects.count(), Captions.objects.count()) == (0, 0, 0)


def test_erasing_a_video_keeps_other_videos(
    video: Video, bo: User, recording_factory: RecordingFactory
) -> None:
    other = create_uploaded_video(bo, recording_factory.video_with_tone())
    erasure.erase_video(video)
    assert list(storage.list_keys("")) == [other.upload.key]
