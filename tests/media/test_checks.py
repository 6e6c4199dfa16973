from pathlib import Path

from django.core.checks import run_checks
from pytest_django import Settings

from media import checks


def test_all_checks_pass_on_this_machine() -> None:
    assert run_checks(tags=["media"]) == []


def test_validation_check_passes() -> None:
    assert checks.check_validation() == []


def test_validation_check_fails_if_a_good_recording_is_rejected(settings: Settings) -> None:
    settings.UPLOAD_MAX_SECONDS = -1
    assert [message.msg for message in checks.check_validation()] == [
        "The validation of recordings does not work: it rejects a good recording."
    ]


def test_missing_ffmpeg_is_an_error(settings: Settings) -> None:
    settings.FFMPEG = "/nowhere/ffmpeg"
    assert [message.id for message in checks.check_ffmpeg()] == ["media.E001"]


def test_failing_ffmpeg_is_an_error(settings: Settings) -> None:
    settings.FFMPEG = "/bin/false"
    assert [message.id for message in checks.check_ffmpeg()] == ["media.E001"]


def test_missing_required_sandbox_is_an_error(settings: Settings) -> None:
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "required"
    assert [message.id for message in checks.check_sandbox()] == ["media.E002"]


def test_missing_preferred_sandbox_is_a_warning(settings: Settings) -> None:
    settings.BWRAP, settings.SANDBOX = "/nowhere/bwrap", "preferred"
    assert [message.id for message in checks.check_sandbox()] == ["media.W001"]


def test_sandbox_that_exposes_our_files_is_an_error(settings: Settings, tmp_path: Path) -> None:
    """The fake bwrap ignores its options and runs the command."""
    fake_bwrap = tmp_path / "bwrap"
    fake_bwrap.write_text('#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec /bin/sh "$@"\n')
    fake_bwrap.chmod(0o755)
    settings.BWRAP, settings.SANDBOX = str(fake_bwrap), "required"
    (message,) = checks.check_sandbox()
    assert message.id == "media.E002"
    assert "can see our files" in message.msg
