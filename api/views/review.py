"""Review: take the next story, look at it, decide; for moderators who showed a second factor."""

import uuid

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from api.edge import Edge, done, signed_in
from api.idempotency import once
from api.permissions import Reviews
from api.schema import operation
from api.serializers.review import (
    ClaimNamed,
    ClaimTold,
    DecisionAsked,
    DecisionTold,
    QueueTold,
    RubricTold,
)
from api.serializers.strict import Nothing
from api.versions import seen
from media.playback import master_name
from moderation import decisions, queue, reviewing
from moderation.models import Claim, Verdict
from moderation.review import Review
from moderation.rubric import REASONS, Answer, Item
from stories.models import Story


class ReviewEdge(Edge):
    """A view for reviewers only."""

    permission_classes = [Reviews]


class Queue(ReviewEdge):
    @operation("review_waiting", "List what waits for review", gives=QueueTold)
    def get(self, request: Request) -> Response:
        reviewer = signed_in(request)
        waiting = {"items": queue.overview(reviewer).lines}
        return Response(QueueTold(waiting, context={"person": reviewer}).data)


class Rubric(ReviewEdge):
    @operation("review_rubric", "Read the rubric and the reasons", gives=RubricTold)
    def get(self, _request: Request) -> Response:
        items = [{"key": item.value, "label": item.label} for item in Item]
        told = {"items": items, "answers": Answer.values, "reasons": list(REASONS.values())}
        return Response(RubricTold(told).data)


class NextClaim(ReviewEdge):
    @operation("review_claim_next", "Take the next story", asks=Nothing, gives={200: ClaimTold, 204: None})
    def post(self, request: Request) -> Response:
        Nothing.body(request)
        reviewer = signed_in(request)
        claim = queue.claim_next(by=reviewer, now=timezone.now())
        return done() if claim is None else _under_claim(claim, reviewer)


class OneClaim(ReviewEdge):
    @operation("review_claim", "Take one certain story, or hold it longer", asks=Nothing, gives=ClaimTold)
    def post(self, request: Request, story: uuid.UUID) -> Response:
        Nothing.body(request)
        reviewer = signed_in(request)
        claim = queue.claim(_offered(story, reviewer), by=reviewer, now=timezone.now())
        return _under_claim(claim, reviewer)


class Release(ReviewEdge):
    @operation("review_release", "Give a story back", asks=ClaimNamed, gives={204: None})
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, reviewer = ClaimNamed.body(request), signed_in(request)
        with transaction.atomic():
            claim = queue.standing_claim(_offered(story, reviewer), by=reviewer, token=asked["claim_token"])
            queue.release(claim, by=reviewer)
        return done()


class Skip(ReviewEdge):
    @operation(
        "review_skip",
        "Give a story back and not be offered it for a while",
        asks=ClaimNamed,
        gives={204: None},
    )
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, reviewer = ClaimNamed.body(request), signed_in(request)
        with transaction.atomic():
            claim = queue.standing_claim(_offered(story, reviewer), by=reviewer, token=asked["claim_token"])
            queue.skip(claim, by=reviewer, now=timezone.now())
        return done()


class Decide(ReviewEdge):
    @operation("review_decide", "Decide about a story", asks=DecisionAsked, gives={201: DecisionTold})
    @once
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, reviewer = DecisionAsked.body(request), signed_in(request)
        asked["seen"] = seen(request, asked)
        verdict = Verdict(asked.pop("verdict"))
        decision = decisions.decide(_offered(story, reviewer), verdict, Review(**asked), by=reviewer)
        return Response(DecisionTold(decision).data, status=201)


def _offered(story: uuid.UUID, reviewer: User) -> Story:
    """Return a story that is offered to this reviewer, that they once held, or that is theirs. Raises Http404."""
    offered = Q(pk__in=reviewing.line(reviewer).values("pk"))
    held = Exists(Claim.objects.of(reviewer).filter(story=OuterRef("pk")))
    return get_object_or_404(Story.objects.filter(offered | Q(held) | Q(teller=reviewer)), pk=story)


def _under_claim(claim: Claim, reviewer: User) -> Response:
    story = reviewing.reviewable(claim.story_id, by=reviewer)
    playable = story.video is not None and story.video.is_playable
    told = {
        "claim": claim,
        "playlist": reverse("web:review_file", args=[story.pk, master_name]) if playable else None,
        "story": story,
        "earlier": reviewing.earlier_decisions(story, by=reviewer),
    }
    return Response(ClaimTold(told).data, headers={"Cache-Control": "no-store"})
