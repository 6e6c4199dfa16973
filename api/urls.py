"""The addresses of the API, journey by journey."""

from django.urls import path

from api.views import (
    challenges,
    health,
    notices,
    operate,
    profile,
    publishing,
    readings,
    review,
    search,
    slates,
    steps,
    stories,
    telling,
    uploads,
    viewings,
    wishes,
)

app_name = "api"

CHALLENGE = "challenges/<slug:slug>"
STORY = "stories/<uuid:story>"
UPLOAD = "uploads/<uuid:upload>"
REVIEW = "review/<uuid:story>"

house = [
    path("health", health.Health.as_view(), name="health"),
    path("ready", health.Readiness.as_view(), name="ready"),
]
oneself = [
    path("profile", profile.OwnProfile.as_view(), name="profile"),
    path("traits", profile.Traits.as_view(), name="traits"),
    path("consent-text", profile.Consent.as_view(), name="consent_text"),
    path("notices", notices.Notices.as_view(), name="notices"),
    path("notices/<uuid:notice>/read", notices.ReadNotice.as_view(), name="notice_read"),
]
find = [
    path("challenges", challenges.Challenges.as_view(), name="challenges"),
    path(CHALLENGE, challenges.OneChallenge.as_view(), name="challenge"),
    path(f"{CHALLENGE}/barriers", challenges.Barriers.as_view(), name="barriers"),
    path(f"{CHALLENGE}/readings", readings.Readings.as_view(), name="readings"),
    path(f"{CHALLENGE}/slate", slates.Slate.as_view(), name="slate"),
    path(f"{CHALLENGE}/another", slates.Another.as_view(), name="another"),
    path("viewings", viewings.Viewings.as_view(), name="viewings"),
    path("viewings/<uuid:viewing>", viewings.OneViewing.as_view(), name="viewing"),
    path("steps", steps.Steps.as_view(), name="steps"),
    path("steps/<uuid:step>", steps.OneStep.as_view(), name="step"),
    path("steps/<uuid:step>/attempts", steps.Attempts.as_view(), name="attempts"),
    path(f"{STORY}/saved", stories.Saved.as_view(), name="save"),
    path(f"{STORY}/unwanted", wishes.Unwanted.as_view(), name="unwanted"),
    path(f"{STORY}/teller-hidden", wishes.TellerHidden.as_view(), name="teller_hidden"),
    path("my/saved", stories.SavedStories.as_view(), name="saved"),
    path("search", search.Search.as_view(), name="search"),
]
tell = [
    path("stories", stories.Stories.as_view(), name="stories"),
    path(STORY, stories.OneStory.as_view(), name="story"),
    path("my/stories", telling.OwnStories.as_view(), name="my_stories"),
    path("my/stories/<uuid:story>", telling.OneOwnStory.as_view(), name="my_story"),
    path(f"{STORY}/chapters", telling.Chapters.as_view(), name="chapters"),
    path(f"{STORY}/recording", telling.Recording.as_view(), name="recording"),
    path(f"{STORY}/poster", telling.Poster.as_view(), name="poster"),
    path(f"{STORY}/disguise", telling.Disguise.as_view(), name="disguise"),
    path(f"{STORY}/recording/confirm", telling.DamagedRecording.as_view(), name="confirm_recording"),
    path(f"{STORY}/captions/<slug:language>", telling.CaptionsIn.as_view(), name="captions"),
    path(f"{STORY}/consent", telling.Consent.as_view(), name="consent"),
    path(f"{STORY}/progress", publishing.Progress.as_view(), name="progress"),
    path(f"{STORY}/progress/events", publishing.ProgressStream.as_view(), name="progress_events"),
    path(f"{STORY}/submit", publishing.Submission.as_view(), name="submit"),
    path(f"{STORY}/withdraw", publishing.Withdrawal.as_view(), name="withdraw"),
    path(f"{STORY}/hidden", publishing.Hidden.as_view(), name="hidden"),
    path("uploads", uploads.Uploads.as_view(), name="uploads"),
    path(UPLOAD, uploads.OneUpload.as_view(), name="upload"),
    path(f"{UPLOAD}/parts", uploads.Addresses.as_view(), name="parts"),
    path(f"{UPLOAD}/complete", uploads.Completion.as_view(), name="complete"),
]
moderate = [
    path("review", review.Queue.as_view(), name="review"),
    path("review/rubric", review.Rubric.as_view(), name="rubric"),
    path("review/claim", review.NextClaim.as_view(), name="claim_next"),
    path(f"{REVIEW}/claim", review.OneClaim.as_view(), name="claim"),
    path(f"{REVIEW}/release", review.Release.as_view(), name="release"),
    path(f"{REVIEW}/skip", review.Skip.as_view(), name="skip"),
    path(f"{REVIEW}/decision", review.Decide.as_view(), name="decision"),
]
operating = [
    path("operate/jobs", operate.JobsSetAside.as_view(), name="jobs_set_aside"),
    path("operate/jobs/<uuid:job>/retry", operate.JobRetry.as_view(), name="job_retry"),
]
urlpatterns = [*house, *oneself, *find, *tell, *moderate, *operating]
