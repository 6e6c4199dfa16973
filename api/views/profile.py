"""What one shared about oneself, what may be asked, and the words of the consent."""

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import display_names, profiles
from accounts.models import ConsentText
from accounts.profiles import ProfileChange
from accounts.traits.catalogue import TRAIT_CATALOGUE
from api.base_views import BaseAPIView, PublicAPIView, authenticated_user
from api.etags import conditional_response
from api.responses.profile import ConsentTextResponse, ProfileRequest, ProfileResponse, TraitListResponse
from api.schema import describe_operation
from matching.traits import NumericTrait, OrdinalTrait, SetTrait, Trait


class ProfileView(BaseAPIView):
    @describe_operation("profile_read", "Read one's own profile", responses=ProfileResponse)
    def get(self, request: Request) -> Response:
        return Response(ProfileResponse(profiles.get_profile(authenticated_user(request))).data)

    @describe_operation(
        "profile_change", "Change one's own profile", request=ProfileRequest, responses=ProfileResponse
    )
    def put(self, request: Request) -> Response:
        asked, person = ProfileRequest.parse_body(request), authenticated_user(request)
        handle = asked.pop("handle", None)
        with transaction.atomic():
            if handle is not None:
                display_names.set_display_name(person, handle)
            profile = profiles.update_profile(person, ProfileChange(**asked))
        return Response(ProfileResponse(profile).data)


class TraitListView(PublicAPIView):
    @describe_operation(
        "profile_traits", "List what may be asked", responses={200: TraitListResponse, 304: None}
    )
    def get(self, request: Request) -> Response:
        return conditional_response(
            request, TraitListResponse({"items": [_trait_payload(trait) for trait in TRAIT_CATALOGUE]}).data
        )


class ConsentTextView(PublicAPIView):
    @describe_operation(
        "profile_consent_text", "Read what tellers agree to", responses={200: ConsentTextResponse, 304: None}
    )
    def get(self, request: Request) -> Response:
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
