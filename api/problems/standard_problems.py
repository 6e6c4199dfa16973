"""Problems whose text never changes."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from api.problems.details import Problem

S = HTTPStatus
RETRY_AFTER_SECONDS = "10"
UNREADABLE_REQUEST = Problem(S.BAD_REQUEST, "unreadable", _("The request could not be read."))
NOT_ALLOWED = Problem(S.FORBIDDEN, "not_allowed", _("You are not allowed to do this."))
NOT_FOUND = Problem(S.NOT_FOUND, "not_found", _("This does not exist, or you do not have access to it."))
INTERNAL_ERROR = Problem(
    S.INTERNAL_SERVER_ERROR, "our_fault", _("Something went wrong on our side. The error has been logged.")
)
SERVICE_UNAVAILABLE = Problem(
    S.SERVICE_UNAVAILABLE,
    "out_of_reach",
    _("A service is not available at the moment. Nothing was changed. Please try again shortly."),
    headers={"Retry-After": RETRY_AFTER_SECONDS},
)
AUTHENTICATION_REQUIRED = Problem(
    S.UNAUTHORIZED, "sign_in", _("Sign in first, or send a valid session token.")
)
