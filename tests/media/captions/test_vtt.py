import pytest

from accounts.models import User
from media.captions import vtt
from media.captions.vtt import Cue, InvalidCaptions, format_vtt, parse_captions
from media.models import Captions, Video
from tests.story_factories import create_recording

VTT = """WEBVTT - made by hand

NOTE a remark
over two lines

STYLE
::cue { background: url(https://example.test/seen) }

1
00:01.000 --> 00:02.500 position:10% line:0
<v Bo>I was <i>afraid</i>.</v>

00:00:03.000 --> 00:00:04.000
1 &lt; 2 &amp; so on
"""
SRT = "\ufeff1\r\n00:00:01,000 --> 00:00:02,500\r\n{\\an8}<b>I was</b> afraid.\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nStill\r\nam\r\n"


def test_webvtt_is_read_for_its_words_and_times_only() -> None:
    assert parse_captions(VTT) == [Cue(1000, 2500, "I was afraid."), Cue(3000, 4000, "1 < 2 & so on")]


def test_subrip_is_read_as_well() -> None:
    assert parse_captions(SRT) == [Cue(1000, 2500, "I was afraid."), Cue(3000, 4000, "Still\nam")]


def test_what_is_written_is_plain_and_reads_back_the_same() -> None:
    written = format_vtt(parse_captions(VTT))
    assert written.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nI was afraid.\n")
    assert "position" not in written
    assert "url(" not in written
    assert parse_captions(written) == parse_captions(VTT)


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<<b>script>x</script>",
        "<img src=x onerror=alert(1)>",
        "a --&gt; b",
    ],
)
def test_nothing_that_a_browser_takes_for_markup_comes_out(words: str) -> None:
    written = format_vtt(parse_captions(f"WEBVTT\n\n00:01.000 --> 00:02.000\nso {words}\n"))
    spoken = written.split("\n", 3)[3]
    assert "<" not in spoken
    assert ">" not in spoken
    assert parse_captions(written) == parse_captions(format_vtt(parse_captions(written)))


def test_an_escaped_bracket_stays_what_was_said() -> None:
    assert parse_captions("00:01.000 --> 00:02.000\nI &lt;3 it\n")[0].text == "I <3 it"


def test_cues_come_in_order_of_time() -> None:
    late_first = "00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:02.000\nearlier\n"
    assert [cue.text for cue in parse_captions(late_first)] == ["earlier", "later"]


def test_hours_minutes_and_fractions_are_read() -> None:
    assert parse_captions("01:02:03.5 --> 100:00:00.000\nlong\n")[0] == Cue(3_723_500, 360_000_000, "long")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 0),
        ("WEBVTT\n", 0),
        ("WEBVTT\n\nhello there\n", 3),
        ("WEBVTT\n\n00:01.000 --> soon\nhello\n", 3),
        ("WEBVTT\n\n1\n00:02.000 --> 00:01.000\nhello\n", 4),
        ("WEBVTT\n\n00:01.000 --> 00:61.000\nhello\n", 3),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nhel\x00lo\n", 4),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nlone \ud800\n", 4),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n" + "word " * 300, 3),
        ("00:01.000 --> 00:02.000\n\n", 0),
        ("x" * 500_001, 0),
        ("00:01.000 --> 00:02.000\nhi\n\n" * 5001, 0),
        ("\x89PNG\r\n\x1a\n", 1),
        ("{" * 1000, 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(InvalidCaptions) as refused:
        parse_captions(text)
    assert refused.value.line == line
    assert refused.value.problem.endswith((".", "?"))


def test_reading_takes_time_in_proportion() -> None:
    """Half a megabyte of what makes careless expressions backtrack is answered at once."""
    for hostile in (
        "<" * 400_000,
        "<a" * 200_000,
        "00:01.000 --> 00:02.000 " + " " * 400_000 + "x",
        "1:" * 200_000,
    ):
        with pytest.raises(InvalidCaptions):
            parse_captions(f"00:00.000 --> 00:01.000\n{hostile}\n\n" + hostile)


@pytest.fixture
def video(bo: User) -> Video:
    return create_recording(bo)


def test_captions_are_attached_in_their_language(video: Video) -> None:
    attached = vtt.save_captions(video, language="en", text=VTT)
    assert attached.cues == 2
    assert attached.source == Captions.Source.UPLOADED
    assert attached.vtt == format_vtt(parse_captions(VTT))


def test_newer_captions_replace_those_in_the_same_language(video: Video) -> None:
    vtt.save_captions(video, language="en", text=VTT)
    vtt.save_captions(video, language="de", text=VTT)
    vtt.save_captions(video, language="en", text="00:01.000 --> 00:02.000\nnew\n")
    assert {one.language: one.cues for one in video.captions.all()} == {"en": 1, "de": 2}
    assert Video.objects.get(pk=video.pk).caption_languages == video.caption_languages == ["de", "en"]


def test_bad_captions_leave_the_good_ones_alone(video: Video) -> None:
    vtt.save_captions(video, language="en", text=VTT)
    with pytest.raises(InvalidCaptions):
        vtt.save_captions(video, language="en", text="nothing")
    assert video.captions.get().cues == 2


def test_captions_of_another_recording_are_noticed(video: Video) -> None:
    with pytest.raises(InvalidCaptions, match="the recording ends at 00:00:32"):
        vtt.save_captions(video, language="en", text="05:00.000 --> 05:01.000\nfar out\n")


@pytest.mark.parametrize("language", ["", "english", "EN", "e", "en_GB", "en\n"])
def test_a_language_is_a_short_code(video: Video, language: str) -> None:
    with pytest.raises(InvalidCaptions):
        vtt.save_captions(video, language=language, text=VTT)
