"""The user's profile, the trait questions and the consent text."""

from django.db import transaction
from django.http import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import display_names, profiles
from accounts.models import ConsentText
from accounts.profiles import ProfileChange
from accounts.traits.translation import translated_catalogue
from api.base_views import BaseAPIView, PublicAPIView, authenticated_user
from api.etags import conditional_response
from api.requests.profile import ProfileRequest
from api.responses.profile import ConsentTextResponse, ProfileResponse, TraitListResponse
from api.schema import describe_operation
from matching.traits import NumericTrait, OrdinalTrait, SetTrait, Trait


class ProfileView(BaseAPIView):
    @describe_operation("profile_read", "Get the user's profile", responses=ProfileResponse)
    def get(self, request: Request) -> Response:
        return Response(ProfileResponse(profiles.get_profile(authenticated_user(request))).data)

    @describe_operation(
        "profile_change", "Update the user's profile", request=ProfileRequest, responses=ProfileResponse
    )
    def put(self, request: Request) -> Response:
        body, person = ProfileRequest.parse_body(request), authenticated_user(request)
        handle = body.pop("handle", None)
        with transaction.atomic():
            if handle is not None:
                display_names.set_display_name(person, handle)
            profile = profiles.update_profile(person, ProfileChange(**body))
        return Response(ProfileResponse(profile).data)


class TraitListView(PublicAPIView):
    @describe_operation(
        "profile_traits", "List the trait questions", responses={200: TraitListResponse, 304: None}
    )
    def get(self, request: Request) -> HttpResponseBase:
        return conditional_response(
            request,
            TraitListResponse({"items": [_trait_payload(trait) for trait in translated_catalogue()]}).data,
        )


class ConsentTextView(PublicAPIView):
    @describe_operation(
        "profile_consent_text",
        "Get the current consent text",
        responses={200: ConsentTextResponse, 304: None},
    )
    def get(self, request: Request) -> HttpResponseBase:
        return conditional_response(request, ConsentTextResponse(ConsentText.objects.current()).data)


def _trait_payload(trait: Trait) -> dict[str, object]:
    numeric = trait if isinstance(trait, NumericTrait) else None
    return {
        "key": trait.key,
        "label": trait.label,
        "question": trait.question,
        "kind": _trait_kind(trait),
        "identity": trait.identity,
        "choices": [{"key": key, "label": label} for key, label in getattr(trait, "levels", ())],
        "minimum": numeric.minimum if numeric else None,
        "maximum": numeric.maximum if numeric else None,
        "unit": numeric.unit if numeric else "",
    }


def _trait_kind(trait: Trait) -> str:
    match trait:
        case NumericTrait():
            return "number"
        case OrdinalTrait():
            return "order"
        case SetTrait():
            return "set"
        case _:
            return "choice"
