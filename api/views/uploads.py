"""Bring a recording into the bucket; the bytes go there directly, and the store says what it has."""

import uuid

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.edge import Edge, done, made, signed_in, under_way
from api.idempotency import once
from api.schema import operation
from api.serializers.strict import Nothing
from api.serializers.uploads import AddressesTold, PartsAsked, UploadAsked, UploadsTold, UploadTold
from media import parts, uploads
from media.models import Upload, Video
from media.multiparts import Part


class Uploads(Edge):
    @operation("uploads_list", "List one's uploads under way", gives=UploadsTold)
    def get(self, request: Request) -> Response:
        found = Upload.objects.open().of(signed_in(request).pk).order_by("created_at")
        return Response(UploadsTold({"items": found}).data, headers={"Cache-Control": "no-store"})

    @operation("uploads_begin", "Begin an upload", asks=UploadAsked, gives={201: UploadTold})
    @once
    def post(self, request: Request) -> Response:
        upload = uploads.begin(signed_in(request), **UploadAsked.body(request))
        return made(_told(upload, []), at=f"{request.path}/{upload.pk}")


class OneUpload(Edge):
    @operation("uploads_read", "Ask which parts the store has", gives=UploadTold)
    def get(self, request: Request, upload: uuid.UUID) -> Response:
        found = own_upload(upload, of=signed_in(request))
        return Response(_told(found, parts.arrived(found)), headers={"Cache-Control": "no-store"})

    @operation("uploads_abort", "Cancel an upload", gives={204: None})
    def delete(self, request: Request, upload: uuid.UUID) -> Response:
        uploads.abort(own_upload(upload, of=signed_in(request)))
        return done()


class Addresses(Edge):
    @operation("uploads_addresses", "Get addresses to send parts to", asks=PartsAsked, gives=AddressesTold)
    def post(self, request: Request, upload: uuid.UUID) -> Response:
        found = own_upload(upload, of=signed_in(request))
        asked = PartsAsked.body(request)
        addresses = parts.addresses(found, asked["numbers"], sha256=asked.get("sha256", ()))
        return Response(AddressesTold({"items": addresses}).data, headers={"Cache-Control": "no-store"})


class Completion(Edge):
    @operation("uploads_complete", "Say that every part was sent", asks=Nothing, gives={202: UploadTold})
    @once
    def post(self, request: Request, upload: uuid.UUID) -> Response:
        Nothing.body(request)
        uploads.complete(own_upload(upload, of=signed_in(request)))
        return under_way(
            _told(own_upload(upload, of=signed_in(request)), []), at=request.path.removesuffix("/complete")
        )


def own_upload(upload: uuid.UUID, *, of: User) -> Upload:
    """Return an upload of one's own. Raises Http404."""
    return get_object_or_404(Upload.objects.of(of.pk).select_related("video"), pk=upload)


def _told(upload: Upload, there: list[Part]) -> dict[str, object]:
    video: Video | None = getattr(upload, "video", None)
    facts = {name: getattr(upload, name) for name in FACTS}
    told: dict[str, object] = UploadTold(facts | {"parts": there, "video": video}).data
    return told


FACTS = (
    "id",
    "state",
    "file_name",
    "content_type",
    "size",
    "part_size",
    "part_count",
    "checks_parts",
    "created_at",
)
