"""Messages from the moderators to a teller."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from moderation import notices
from moderation.models import Notice
from web.access import AuthenticatedRequest, require_login
from web.pagination import paginate


@require_safe
@require_login
def notice_list(request: AuthenticatedRequest) -> HttpResponse:
    own_notices = Notice.objects.to_person(request.user).select_related("story")
    page = paginate(own_notices, request, keyset=("-created_at", "-pk"))
    return render(request, "web/tell/notices.html", {"section": "tell", "page": page})


@require_POST
@require_login
def mark_notice_read(request: AuthenticatedRequest, notice_id: UUID) -> HttpResponse:
    """A notice that is read stays on the page."""
    notice = get_object_or_404(Notice.objects.to_person(request.user), pk=notice_id)
    notices.mark_notice_read(notice, by=request.user)
    return redirect("web:notices")
