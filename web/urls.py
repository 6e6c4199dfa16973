"""URLs of the pages; the tell and review journeys have their own modules."""

from django.urls import URLPattern, URLResolver, include, path

from web.crisis import HELP_NOW_PATH as HELP_NOW
from web.views import about, account, discovery, follow_up, negative_feedback, operations, watch

app_name = "web"

page_urls: list[URLPattern | URLResolver] = [
    path("", about.home_page, name="home"),
    path(HELP_NOW.lstrip("/"), about.help_now_page, name="help_now"),
    path("how-stories-are-chosen/", about.how_it_works_page, name="how_it_works"),
    path("challenges/", discovery.challenge_list, name="challenges"),
    path("challenges/<slug:slug>/", discovery.challenge_detail, name="challenge"),
    path("challenges/<slug:slug>/rate/", discovery.rate_confidence, name="rate_confidence"),
    path("challenges/<slug:slug>/stories/", discovery.slate_page, name="slate"),
    path(
        "challenges/<slug:slug>/another/<str:how>/",
        discovery.additional_recommendation_page,
        name="extra_story",
    ),
    path("challenges/<slug:slug>/step/", follow_up.commit_step, name="step"),
    path("search/", discovery.search_page, name="search"),
    path("stories/<uuid:story_id>/", watch.watch_story, name="story"),
    path("stories/<uuid:story_id>/saved/", watch.save_story, name="save_story"),
    path(
        "stories/<uuid:story_id>/wish/",
        negative_feedback.give_negative_feedback,
        name="give_negative_feedback",
    ),
    path("stories/<uuid:story_id>/after/", follow_up.after_watching, name="after_watching"),
    path("stories/<uuid:story_id>/how-far/", watch.record_viewing_progress, name="viewing_progress"),
    path("my-steps/", follow_up.step_list, name="steps"),
    path("my-steps/<uuid:step_id>/", follow_up.record_attempt, name="step_attempt"),
    path("saved/", follow_up.saved_story_list, name="saved"),
    path("about-you/", account.edit_profile, name="about_you"),
    path("not-shown/", negative_feedback.negative_feedback_list, name="negative_feedback_list"),
    path("account/", account.account_settings, name="account"),
    path("operating/", operations.matching_performance, name="matching_performance"),
    path("operating/work/", operations.job_queues, name="job_queues"),
    path("operating/work/<uuid:job_id>/retry/", operations.retry_job, name="retry_job"),
    path("operating/work/canary/", operations.send_canary, name="send_canary"),
    path("operating/roll-back/", operations.roll_back_weights, name="roll_back_weights"),
]
media_urls = [
    path("watch/<uuid:story_id>/hls/<str:name>", watch.media_file, name="watch_media_file"),
    path("watch/<uuid:story_id>/captions/<str:language>.vtt", watch.caption_file, name="watch_caption_file"),
]
urlpatterns = [
    *page_urls,
    *media_urls,
    path("tell/", include("web.tell_urls")),
    path("review/", include("web.review_urls")),
]
