"""Read what became of one's stories."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from api.edge import Edge, signed_in
from api.pagination import page
from api.schema import operation
from api.serializers.notices import NoticePage, NoticeTold
from api.serializers.pages import PageAsked
from api.serializers.strict import Nothing
from moderation import notices
from moderation.models import Notice


class Notices(Edge):
    @operation("notices_list", "List one's notices", query=PageAsked, gives=NoticePage)
    def get(self, request: Request) -> Response:
        own = Notice.objects.to_person(signed_in(request))
        found = page(own, request, keyset=("-created_at", "-pk"), asked=PageAsked.query(request))
        return Response(NoticePage(found).data)


class ReadNotice(Edge):
    @operation("notices_mark_read", "Note that one has read a notice", asks=Nothing, gives=NoticeTold)
    def post(self, request: Request, notice: uuid.UUID) -> Response:
        Nothing.body(request)
        person = signed_in(request)
        found = get_object_or_404(Notice.objects.to_person(person), pk=notice)
        return Response(NoticeTold(notices.read(found, by=person)).data)
