"""The addresses of the pages. Each journey keeps its own list; this one puts them together."""

from django.urls import URLPattern, URLResolver, include, path

from web.crisis import PATH as HELP_NOW
from web.views import about, account, find, operate, practise, watch, wishes

app_name = "web"

found: list[URLPattern | URLResolver] = [
    path("", about.home, name="home"),
    path(HELP_NOW.lstrip("/"), about.help_now, name="help_now"),
    path("how-stories-are-chosen/", about.how_it_works, name="how_it_works"),
    path("challenges/", find.challenges, name="challenges"),
    path("challenges/<slug:slug>/", find.challenge, name="challenge"),
    path("challenges/<slug:slug>/rate/", find.rate, name="rate"),
    path("challenges/<slug:slug>/stories/", find.slate, name="slate"),
    path("challenges/<slug:slug>/another/<str:how>/", find.another, name="another"),
    path("challenges/<slug:slug>/step/", practise.step, name="step"),
    path("search/", find.search, name="search"),
    path("stories/<uuid:story_id>/", watch.story, name="story"),
    path("stories/<uuid:story_id>/saved/", watch.save, name="save"),
    path("stories/<uuid:story_id>/wish/", wishes.wish, name="wish"),
    path("stories/<uuid:story_id>/after/", practise.after, name="after"),
    path("stories/<uuid:story_id>/how-far/", watch.how_far, name="how_far"),
    path("my-steps/", practise.steps, name="steps"),
    path("my-steps/<uuid:step_id>/", practise.how_it_went, name="how_it_went"),
    path("saved/", practise.saved, name="saved"),
    path("about-you/", account.about_you, name="about_you"),
    path("not-shown/", wishes.not_shown, name="not_shown"),
    path("account/", account.account, name="account"),
    path("operating/", operate.choosing, name="operating"),
    path("operating/work/", operate.work, name="operating_work"),
    path("operating/work/<uuid:job_id>/retry/", operate.retry, name="retry"),
    path("operating/work/canary/", operate.send_canary, name="send_canary"),
    path("operating/roll-back/", operate.roll_back, name="roll_back"),
]
bytes_of_stories = [
    path("watch/<uuid:story_id>/hls/<str:name>", watch.file, name="watch_file"),
    path("watch/<uuid:story_id>/captions/<str:language>.vtt", watch.captions, name="watch_captions"),
]
urlpatterns = [
    *found,
    *bytes_of_stories,
    path("tell/", include("web.tell_urls")),
    path("review/", include("web.review_urls")),
]
