"""URLs of the review pages, in the namespace of web.urls."""

from django.urls import path

from web.views import review

STORY = "<uuid:story_id>/"
urlpatterns = [
    path("", review.review_queue, name="review"),
    path("next/", review.claim_next_story, name="review_next"),
    path(STORY, review.review_story, name="review_story"),
    path(f"{STORY}take/", review.claim_story, name="review_claim"),
    path(f"{STORY}renew/", review.renew_claim, name="review_renew_claim"),
    path(f"{STORY}release/", review.release_claim, name="review_release_claim"),
    path(f"{STORY}skip/", review.skip_story, name="review_skip"),
    path(f"{STORY}decide/", review.decide_story, name="review_decide"),
    path(f"{STORY}hls/<str:name>", review.media_file, name="review_media_file"),
    path(f"{STORY}words/<str:language>.vtt", review.caption_file, name="review_caption_file"),
]
