"""The review queue, claims and decisions, for reviewers."""

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
from api.requests.review import ClaimTokenRequest, DecisionRequest
from api.responses.review import ClaimResponse, DecisionResponse, ReviewQueueResponse, RubricResponse
from api.schema import describe_operation
from media.playback.playlists import MASTER_PLAYLIST
from moderation import decisions, queue, review_permissions
from moderation.models import Claim, Verdict
from moderation.rubric import DECISION_REASONS, RubricAnswer, RubricItem
from moderation.submission import ReviewSubmission
from stories.models import Story


class ReviewerAPIView(BaseAPIView):
    permission_classes = [IsReviewer]


class ReviewQueueView(ReviewerAPIView):
    @describe_operation("review_waiting", "List the review queue", responses=ReviewQueueResponse)
    def get(self, request: Request) -> Response:
        reviewer = authenticated_user(request)
        waiting = {"items": queue.queue_overview(reviewer).items}
        return Response(ReviewQueueResponse(waiting, context={"person": reviewer}).data)


class RubricView(ReviewerAPIView):
    @describe_operation("review_rubric", "Get the rubric and the decision reasons", responses=RubricResponse)
    def get(self, _request: Request) -> Response:
        items = [{"key": item.value, "label": item.label} for item in RubricItem]
        payload = {"items": items, "answers": RubricAnswer.values, "reasons": list(DECISION_REASONS.values())}
        return Response(RubricResponse(payload).data)


class NextClaimView(ReviewerAPIView):
    @describe_operation(
        "review_claim_next",
        "Claim the next story in the queue",
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
        "Claim a story, or renew the claim",
        request=EmptyRequest,
        responses=ClaimResponse,
    )
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        EmptyRequest.parse_body(request)
        reviewer = authenticated_user(request)
        claim = queue.claim_story(
            _get_offered_story_or_404(story_id, reviewer), by=reviewer, now=timezone.now()
        )
        return _claim_response(claim, reviewer)


class ClaimReleaseView(ReviewerAPIView):
    @describe_operation("review_release", "Release a claim", request=ClaimTokenRequest, responses={204: None})
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        body, reviewer = ClaimTokenRequest.parse_body(request), authenticated_user(request)
        with transaction.atomic():
            claim = queue.lock_active_claim(
                _get_offered_story_or_404(story_id, reviewer), by=reviewer, token=body["claim_token"]
            )
            queue.release_claim(claim, by=reviewer)
        return no_content()


class StorySkipView(ReviewerAPIView):
    @describe_operation(
        "review_skip",
        "Release a claim and hide the story from the reviewer's queue for a while",
        request=ClaimTokenRequest,
        responses={204: None},
    )
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        body, reviewer = ClaimTokenRequest.parse_body(request), authenticated_user(request)
        with transaction.atomic():
            claim = queue.lock_active_claim(
                _get_offered_story_or_404(story_id, reviewer), by=reviewer, token=body["claim_token"]
            )
            queue.skip_story(claim, by=reviewer, now=timezone.now())
        return no_content()


class DecisionView(ReviewerAPIView):
    @describe_operation(
        "review_decide", "Submit a decision", request=DecisionRequest, responses={201: DecisionResponse}
    )
    @idempotent
    def post(self, request: Request, story_id: uuid.UUID) -> Response:
        body, reviewer = DecisionRequest.parse_body(request), authenticated_user(request)
        version = expected_version(request, body)
        body.pop("expected_version", None)
        verdict = Verdict(body.pop("verdict"))
        decision = decisions.decide_story(
            _get_offered_story_or_404(story_id, reviewer),
            verdict,
            ReviewSubmission(seen=version, **body),
            by=reviewer,
        )
        return Response(DecisionResponse(decision).data, status=201)


def _get_offered_story_or_404(story_id: uuid.UUID, reviewer: User) -> Story:
    """Return a story that is offered to the reviewer, that they have claimed before, or that is their own."""
    offered = Q(pk__in=review_permissions.reviewable_stories(reviewer).values("pk"))
    held = Exists(Claim.objects.held_by(reviewer).filter(story=OuterRef("pk")))
    return get_object_or_404(Story.objects.filter(offered | Q(held) | Q(teller=reviewer)), pk=story_id)


def _claim_response(claim: Claim, reviewer: User) -> Response:
    story = review_permissions.get_held_story(claim.story_id, by=reviewer)
    playable = story.video is not None and story.video.is_playable
    payload = {
        "claim": claim,
        "playlist_url": reverse("web:review_media_file", args=[story.pk, MASTER_PLAYLIST])
        if playable
        else None,
        "story": story,
        "earlier_decisions": review_permissions.earlier_decisions(story, by=reviewer),
    }
    return Response(ClaimResponse(payload).data, headers={"Cache-Control": "no-store"})
