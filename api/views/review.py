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
from api.base_views import BaseAPIView, authenticated_user, no_content
from api.idempotency import idempotent
from api.optimistic_locking import expected_version
from api.permissions import IsReviewer
from api.requests.base import EmptyRequest
from api.responses.review import (
    ClaimResponse,
    ClaimTokenRequest,
    DecisionRequest,
    DecisionResponse,
    ReviewQueueResponse,
    RubricResponse,
)
from api.schema import describe_operation
from media.playback.delivery import MASTER_PLAYLIST_NAME
from moderation import decisions, policy, queue
from moderation.models import Claim, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem
from moderation.submission import ReviewSubmission
from stories.models import Story


class ReviewerAPIView(BaseAPIView):
    """A view for reviewers only."""

    permission_classes = [IsReviewer]


class ReviewQueueView(ReviewerAPIView):
    @describe_operation("review_waiting", "List what waits for review", responses=ReviewQueueResponse)
    def get(self, request: Request) -> Response:
        reviewer = authenticated_user(request)
        waiting = {"items": queue.queue_overview(reviewer).items}
        return Response(ReviewQueueResponse(waiting, context={"person": reviewer}).data)


class RubricView(ReviewerAPIView):
    @describe_operation("review_rubric", "Read the rubric and the reasons", responses=RubricResponse)
    def get(self, _request: Request) -> Response:
        items = [{"key": item.value, "label": item.label} for item in RubricItem]
        told = {"items": items, "answers": RubricAnswer.values, "reasons": list(DECISION_REASONS.values())}
        return Response(RubricResponse(told).data)


class NextClaimView(ReviewerAPIView):
    @describe_operation(
        "review_claim_next",
        "Take the next story",
        request=EmptyRequest,
        responses={200: ClaimResponse, 204: None},
    )
    def post(self, request: Request) -> Response:
        EmptyRequest.parse_body(request)
        reviewer = authenticated_user(request)
        claim = queue.claim_next_story(by=reviewer, now=timezone.now())
        return no_content() if claim is None else _claim_response(claim, reviewer)


class StoryClaimView(ReviewerAPIView):
    @describe_operation(
        "review_claim",
        "Take one certain story, or hold it longer",
        request=EmptyRequest,
        responses=ClaimResponse,
    )
    def post(self, request: Request, story: uuid.UUID) -> Response:
        EmptyRequest.parse_body(request)
        reviewer = authenticated_user(request)
        claim = queue.claim_story(_get_offered_story_or_404(story, reviewer), by=reviewer, now=timezone.now())
        return _claim_response(claim, reviewer)


class ClaimReleaseView(ReviewerAPIView):
    @describe_operation(
        "review_release", "Give a story back", request=ClaimTokenRequest, responses={204: None}
    )
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, reviewer = ClaimTokenRequest.parse_body(request), authenticated_user(request)
        with transaction.atomic():
            claim = queue.lock_active_claim(
                _get_offered_story_or_404(story, reviewer), by=reviewer, token=asked["claim_token"]
            )
            queue.release_claim(claim, by=reviewer)
        return no_content()


class StorySkipView(ReviewerAPIView):
    @describe_operation(
        "review_skip",
        "Give a story back and not be offered it for a while",
        request=ClaimTokenRequest,
        responses={204: None},
    )
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, reviewer = ClaimTokenRequest.parse_body(request), authenticated_user(request)
        with transaction.atomic():
            claim = queue.lock_active_claim(
                _get_offered_story_or_404(story, reviewer), by=reviewer, token=asked["claim_token"]
            )
            queue.skip_story(claim, by=reviewer, now=timezone.now())
        return no_content()


class DecisionView(ReviewerAPIView):
    @describe_operation(
        "review_decide", "Decide about a story", request=DecisionRequest, responses={201: DecisionResponse}
    )
    @idempotent
    def post(self, request: Request, story: uuid.UUID) -> Response:
        asked, reviewer = DecisionRequest.parse_body(request), authenticated_user(request)
        asked["seen"] = expected_version(request, asked)
        verdict = Verdict(asked.pop("verdict"))
        decision = decisions.decide_story(
            _get_offered_story_or_404(story, reviewer), verdict, ReviewSubmission(**asked), by=reviewer
        )
        return Response(DecisionResponse(decision).data, status=201)


def _get_offered_story_or_404(story: uuid.UUID, reviewer: User) -> Story:
    """Return a story that is offered to this reviewer, that they once held, or that is theirs. Raises Http404."""
    offered = Q(pk__in=policy.reviewable_stories(reviewer).values("pk"))
    held = Exists(Claim.objects.held_by(reviewer).filter(story=OuterRef("pk")))
    return get_object_or_404(Story.objects.filter(offered | Q(held) | Q(teller=reviewer)), pk=story)


def _claim_response(claim: Claim, reviewer: User) -> Response:
    story = policy.get_held_story(claim.story_id, by=reviewer)
    playable = story.video is not None and story.video.is_playable
    told = {
        "claim": claim,
        "playlist": reverse("web:review_media_file", args=[story.pk, MASTER_PLAYLIST_NAME]) if playable else None,
        "story": story,
        "earlier": policy.earlier_decisions(story, by=reviewer),
    }
    return Response(ClaimResponse(told).data, headers={"Cache-Control": "no-store"})
