from pathlib import Path

from django.core.checks import run_checks
from pytest_django import Settings

from media import checks


def test_nothing_is_missing_on_this_machine() -> None:
    assert run_checks(tags=["media"]) == []


def test_the_gate_tells_a_recording_from_a_disguise() -> None:
    assert checks.check_validation() == []


def test_a_gate_that_refuses_good_recordings_stops_a_deployment(settings: Settings) -> None:
    settings.UPLOAD_MAX_SECONDS = -1
    assert [message.msg for message in checks.check_validation()] == [
        "The gate does not work: it refuses a good recording."
    ]


def test_a_missing_ffmpeg_stops_the_start(settings: Settings) -> None:
    settings.FFMPEG = "/nowhere/ffmpeg"
    assert [message.id for message in checks.check_ffmpeg()] == ["media.E001"]


def test_a_program_that_is_no_ffmpeg_stops_the_start(settings: Settings) -> None:
    settings.FFMPEG = "/bin/false"
    assert [message.id for message in checks.check_ffmpeg()] == ["media.E001"]


def test_missing_walls_stop_the_start_where_they_are_required(settings: Settings) -> None:
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "required"
    assert [message.id for message in checks.check_sandbox()] == ["media.E002"]


def test_missing_walls_are_a_loud_warning_where_they_are_preferred(settings: Settings) -> None:
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "preferred"
    assert [message.id for message in checks.check_sandbox()] == ["media.W001"]


def test_walls_that_do_not_hide_our_files_are_none(settings: Settings, tmp_path: Path) -> None:
    """A program that takes all the words and then merely runs the last ones is no bubblewrap."""
    pretender = tmp_path / "bwrap"
    pretender.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec /bin/sh "$@"\n')
    pretender.chmod(0o755)
    settings.BWRAP, settings.SANDBOX = str(pretender), "required"
    (message,) = checks.check_sandbox()
    assert message.id == "media.E002"
    assert "it sees our files" in message.msg
