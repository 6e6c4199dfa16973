"""The addresses of the review pages; they belong to the name space of web.urls."""

from django.urls import path

from web.views import review

STORY = "<uuid:story_id>/"
urlpatterns = [
    path("", review.waiting, name="review"),
    path("next/", review.take_next, name="review_next"),
    path(STORY, review.story, name="review_story"),
    path(f"{STORY}take/", review.take, name="review_take"),
    path(f"{STORY}renew/", review.renew, name="review_renew"),
    path(f"{STORY}release/", review.release, name="review_release"),
    path(f"{STORY}skip/", review.skip, name="review_skip"),
    path(f"{STORY}decide/", review.decide, name="review_decide"),
    path(f"{STORY}hls/<str:name>", review.file, name="review_file"),
    path(f"{STORY}words/<str:language>.vtt", review.words, name="review_words"),
]
