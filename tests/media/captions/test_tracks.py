import pytest

from accounts.models import User
from media.captions import tracks
from media.captions.vtt import InvalidCaptions, format_vtt, parse_captions
from media.models import Captions, Video
from tests.story_factories import create_recording

VTT = """WEBVTT

00:01.000 --> 00:02.500 position:10%
I was <i>afraid</i>.

00:00:03.000 --> 00:00:04.000
And then I went.
"""


@pytest.fixture
def video(bo: User) -> Video:
    return create_recording(bo)


def test_captions_are_saved_as_generated_webvtt(video: Video) -> None:
    captions = tracks.save_captions(video, language="en", text=VTT)
    assert captions.cues == 2
    assert captions.source == Captions.Source.UPLOADED
    assert captions.vtt == format_vtt(parse_captions(VTT))


def test_captions_are_replaced_per_language(video: Video) -> None:
    tracks.save_captions(video, language="en", text=VTT)
    tracks.save_captions(video, language="de", text=VTT)
    tracks.save_captions(video, language="en", text="00:01.000 --> 00:02.000\nnew\n")
    assert {captions.language: captions.cues for captions in video.captions.all()} == {"en": 1, "de": 2}
    assert Video.objects.get(pk=video.pk).caption_languages == video.caption_languages == ["de", "en"]


def test_invalid_captions_change_nothing(video: Video) -> None:
    tracks.save_captions(video, language="en", text=VTT)
    with pytest.raises(InvalidCaptions):
        tracks.save_captions(video, language="en", text="nothing")
    assert video.captions.get().cues == 2


def test_captions_beyond_the_end_of_the_recording_are_refused(video: Video) -> None:
    with pytest.raises(InvalidCaptions, match="the recording ends at 00:00:32"):
        tracks.save_captions(video, language="en", text="05:00.000 --> 05:01.000\nfar out\n")


@pytest.mark.parametrize("language", ["", "english", "EN", "e", "en_GB", "en\n"])
def test_language_must_be_a_short_code(video: Video, language: str) -> None:
    with pytest.raises(InvalidCaptions):
        tracks.save_captions(video, language=language, text=VTT)
