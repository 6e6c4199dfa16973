"""Multipart uploads. Parts go directly to the object store, which lists the parts that it has."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.base_views import BaseAPIView, accepted, authenticated_user, created, no_content
from api.idempotency import idempotent
from api.requests.base import EmptyRequest
from api.requests.uploads import PartUploadURLRequest, UploadRequest
from api.responses.uploads import OpenUploadListResponse, PartUploadURLListResponse, UploadResponse
from api.schema import describe_operation
from media.models import Upload, Video
from media.uploads import parts, sessions
from media.uploads.s3_multipart import StoredPart


class UploadListView(BaseAPIView):
    @describe_operation("uploads_list", "List the user's open uploads", responses=OpenUploadListResponse)
    def get(self, request: Request) -> Response:
        uploads = Upload.objects.in_progress().owned_by(authenticated_user(request).pk).order_by("created_at")
        return Response(
            OpenUploadListResponse({"items": uploads}).data, headers={"Cache-Control": "no-store"}
        )

    @describe_operation(
        "uploads_begin", "Start an upload", request=UploadRequest, responses={201: UploadResponse}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        upload = sessions.start_upload(authenticated_user(request), **UploadRequest.parse_body(request))
        return created(_upload_payload(upload, []), location=f"{request.path}/{upload.pk}")


class UploadDetailView(BaseAPIView):
    @describe_operation("uploads_read", "Get an upload and its stored parts", responses=UploadResponse)
    def get(self, request: Request, upload_id: uuid.UUID) -> Response:
        upload = get_own_upload_or_404(upload_id, owner=authenticated_user(request))
        return Response(
            _upload_payload(upload, parts.list_stored_parts(upload)), headers={"Cache-Control": "no-store"}
        )

    @describe_operation("uploads_abort", "Cancel an upload", responses={204: None})
    def delete(self, request: Request, upload_id: uuid.UUID) -> Response:
        sessions.abort_upload(get_own_upload_or_404(upload_id, owner=authenticated_user(request)))
        return no_content()


class PartUploadURLView(BaseAPIView):
    @describe_operation(
        "uploads_addresses",
        "Create upload URLs for parts",
        request=PartUploadURLRequest,
        responses=PartUploadURLListResponse,
    )
    def post(self, request: Request, upload_id: uuid.UUID) -> Response:
        upload = get_own_upload_or_404(upload_id, owner=authenticated_user(request))
        body = PartUploadURLRequest.parse_body(request)
        part_urls = parts.create_part_urls(upload, body["part_numbers"], sha256=body.get("sha256", ()))
        return Response(
            PartUploadURLListResponse({"items": part_urls}).data, headers={"Cache-Control": "no-store"}
        )


class UploadCompletionView(BaseAPIView):
    @describe_operation(
        "uploads_complete",
        "Complete an upload",
        request=EmptyRequest,
        responses={202: UploadResponse},
    )
    @idempotent
    def post(self, request: Request, upload_id: uuid.UUID) -> Response:
        EmptyRequest.parse_body(request)
        sessions.complete_upload(get_own_upload_or_404(upload_id, owner=authenticated_user(request)))
        return accepted(
            _upload_payload(get_own_upload_or_404(upload_id, owner=authenticated_user(request)), []),
            location=request.path.removesuffix("/complete"),
        )


def get_own_upload_or_404(upload_id: uuid.UUID, *, owner: User) -> Upload:
    """Raises Http404."""
    return get_object_or_404(Upload.objects.owned_by(owner.pk).select_related("video"), pk=upload_id)


def _upload_payload(upload: Upload, stored_parts: list[StoredPart]) -> dict[str, object]:
    video: Video | None = getattr(upload, "video", None)
    fields = {name: getattr(upload, name) for name in UPLOAD_FIELDS}
    payload: dict[str, object] = UploadResponse(fields | {"parts": stored_parts, "video": video}).data
    return payload


UPLOAD_FIELDS = (
    "id",
    "state",
    "file_name",
    "content_type",
    "size",
    "part_size",
    "part_count",
    "verifies_part_checksums",
    "created_at",
)
