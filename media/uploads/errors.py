"""Errors of uploads, with sentences for the owner."""

from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from domain_errors.categories import ConflictError, FieldError, FieldProblem
from media.models import Upload

CLOSED_MESSAGES: Mapping[Upload.State, object] = {
    Upload.State.COMPLETE: _("This upload is already complete. Start a new one."),
    Upload.State.ABORTED: _("This upload was cancelled. Start a new one."),
    Upload.State.EXPIRED: _("This upload has expired. Start a new one."),
}


class UploadRefused(FieldError):
    """The file is not accepted."""


class UploadClosed(ConflictError):
    """The upload is cancelled, expired or complete."""

    code = "upload_closed"

    def __init__(self, upload: Upload) -> None:
        super().__init__(CLOSED_MESSAGES[Upload.State(upload.state)], subject=upload)
        self.upload = upload


class PartsMissing(ConflictError):
    """Parts are missing or have the wrong size; the client must send `numbers` again."""

    code = "parts_missing"

    def __init__(self, upload: Upload, numbers: list[int]) -> None:
        listed = ", ".join(str(number) for number in numbers)
        problem = FieldProblem(
            "parts",
            gettext("These parts are missing or incomplete: %(numbers)s.") % {"numbers": listed},
            gettext("Send them again."),
        )
        super().__init__(problem, subject=upload, problems=[problem])
        self.upload = upload
        self.numbers = numbers
