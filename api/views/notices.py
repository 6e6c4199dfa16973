import uuid

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.base_views import BaseAPIView, authenticated_user
from api.pagination import paginate
from api.requests.base import EmptyRequest
from api.requests.pages import PageRequest
from api.responses.notices import NoticePageResponse, NoticeResponse
from api.schema import describe_operation
from moderation import notices
from moderation.models import Notice


class NoticeListView(BaseAPIView):
    @describe_operation(
        "notices_list", "List the user's notices", query=PageRequest, responses=NoticePageResponse
    )
    def get(self, request: Request) -> Response:
        own = Notice.objects.to_person(authenticated_user(request))
        page = paginate(own, request, keyset=("-created_at", "-pk"), query=PageRequest.parse_query(request))
        return Response(NoticePageResponse(page).data)


class MarkNoticeReadView(BaseAPIView):
    @describe_operation(
        "notices_mark_read", "Mark a notice as read", request=EmptyRequest, responses=NoticeResponse
    )
    def post(self, request: Request, notice_id: uuid.UUID) -> Response:
        EmptyRequest.parse_body(request)
        person = authenticated_user(request)
        notice = get_object_or_404(Notice.objects.to_person(person), pk=notice_id)
        return Response(NoticeResponse(notices.mark_notice_read(notice, by=person)).data)
