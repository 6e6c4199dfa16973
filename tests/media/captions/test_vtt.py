import pytest

from media.captions.vtt import Cue, InvalidCaptions, format_vtt, parse_captions

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


def test_parsing_webvtt_keeps_only_text_and_times() -> None:
    assert parse_captions(VTT) == [Cue(1000, 2500, "I was afraid."), Cue(3000, 4000, "1 < 2 & so on")]


def test_parse_captions_accepts_subrip() -> None:
    assert parse_captions(SRT) == [Cue(1000, 2500, "I was afraid."), Cue(3000, 4000, "Still\nam")]


def test_formatted_webvtt_is_plain_and_survives_a_round_trip() -> None:
    formatted = format_vtt(parse_captions(VTT))
    assert formatted.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nI was afraid.\n")
    assert "position" not in formatted
    assert "url(" not in formatted
    assert parse_captions(formatted) == parse_captions(VTT)


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<<b>script>x</script>",
        "<img src=x onerror=alert(1)>",
        "a --&gt; b",
    ],
)
def test_formatted_webvtt_contains_no_markup(text: str) -> None:
    formatted = format_vtt(parse_captions(f"WEBVTT\n\n00:01.000 --> 00:02.000\nso {text}\n"))
    cue_text = formatted.split("\n", 3)[3]
    assert "<" not in cue_text
    assert ">" not in cue_text
    assert parse_captions(formatted) == parse_captions(format_vtt(parse_captions(formatted)))


def test_escaped_bracket_remains_as_text() -> None:
    assert parse_captions("00:01.000 --> 00:02.000\nI &lt;3 it\n")[0].text == "I <3 it"


def test_cues_are_sorted_by_time() -> None:
    late_first = "00:05.000 --> 00:06.000\nlater\n\n00:01.000 --> 00:02.000\nearlier\n"
    assert [cue.text for cue in parse_captions(late_first)] == ["earlier", "later"]


def test_timestamps_may_have_hours_and_short_fractions() -> None:
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
def test_invalid_captions_are_refused_with_the_line_number(text: str, line: int) -> None:
    with pytest.raises(InvalidCaptions) as refusal:
        parse_captions(text)
    assert refusal.value.line == line
    assert refusal.value.problem.endswith((".", "?"))


def test_parsing_time_is_linear_for_malicious_input() -> None:
    """Half a megabyte that would make a careless regular expression backtrack must not time out."""
    for malicious in (
        "<" * 400_000,
        "<a" * 200_000,
        "00:01.000 --> 00:02.000 " + " " * 400_000 + "x",
        "1:" * 200_000,
    ):
        with pytest.raises(InvalidCaptions):
            parse_captions(f"00:00.000 --> 00:01.000\n{malicious}\n\n" + malicious)
