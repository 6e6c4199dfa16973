"""What one shared about oneself, what may be asked, and the words of the consent."""

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import handles, profiles
from accounts.models import ConsentText
from accounts.profiles import ProfileChange
from accounts.traits import CATALOGUE
from api.edge import Edge, OpenEdge, signed_in
from api.etags import unless_known
from api.schema import operation
from api.serializers.profile import ConsentTextTold, ProfileAsked, ProfileTold, TraitsTold
from matching.traits import NumericTrait, OrdinalTrait, SetTrait, Trait


class OwnProfile(Edge):
    @operation("profile_read", "Read one's own profile", gives=ProfileTold)
    def get(self, request: Request) -> Response:
        return Response(ProfileTold(profiles.of(signed_in(request))).data)

    @operation("profile_change", "Change one's own profile", asks=ProfileAsked, gives=ProfileTold)
    def put(self, request: Request) -> Response:
        asked, person = ProfileAsked.body(request), signed_in(request)
        handle = asked.pop("handle", None)
        with transaction.atomic():
            if handle is not None:
                handles.choose(person, handle)
            profile = profiles.change(person, ProfileChange(**asked))
        return Response(ProfileTold(profile).data)


class Traits(OpenEdge):
    @operation("profile_traits", "List what may be asked", gives={200: TraitsTold, 304: None})
    def get(self, request: Request) -> Response:
        return unless_known(request, TraitsTold({"items": [_told(trait) for trait in CATALOGUE]}).data)


class Consent(OpenEdge):
    @operation("profile_consent_text", "Read what tellers agree to", gives={200: ConsentTextTold, 304: None})
    def get(self, request: Request) -> Response:
        return unless_known(request, ConsentTextTold(ConsentText.objects.current()).data)


def _told(trait: Trait) -> dict[str, object]:
    numeric = trait if isinstance(trait, NumericTrait) else None
    return {
        "key": trait.key,
        "label": trait.label,
        "question": trait.question,
        "kind": _kind(trait),
        "identity": trait.identity,
        "choices": [{"key": key, "label": label} for key, label in getattr(trait, "levels", ())],
        "minimum": numeric.minimum if numeric else None,
        "maximum": numeric.maximum if numeric else None,
        "unit": numeric.unit if numeric else "",
    }


def _kind(trait: Trait) -> str:
    match trait:
        case NumericTrait():
            return "number"
        case OrdinalTrait():
            return "order"
        case SetTrait():
            return "set"
        case _:
            return "choice"
