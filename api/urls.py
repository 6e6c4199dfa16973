from django.urls import path

from api.views import (
    challenges,
    drafts,
    health,
    jobs,
    negative_feedback,
    notices,
    profile,
    publishing,
    readings,
    review,
    search,
    slates,
    steps,
    stories,
    uploads,
    viewings,
)

app_name = "api"

CHALLENGE = "challenges/<slug:slug>"
STORY = "stories/<uuid:story_id>"
UPLOAD = "uploads/<uuid:upload_id>"
REVIEW = "review/<uuid:story_id>"

health_urls = [
    path("health", health.LivenessView.as_view(), name="health"),
    path("ready", health.ReadinessView.as_view(), name="ready"),
]
profile_urls = [
    path("profile", profile.ProfileView.as_view(), name="profile"),
    path("traits", profile.TraitListView.as_view(), name="traits"),
    path("consent-text", profile.ConsentTextView.as_view(), name="consent_text"),
    path("notices", notices.NoticeListView.as_view(), name="notices"),
    path("notices/<uuid:notice_id>/read", notices.MarkNoticeReadView.as_view(), name="notice_read"),
]
viewer_urls = [
    path("challenges", challenges.ChallengeListView.as_view(), name="challenges"),
    path(CHALLENGE, challenges.ChallengeDetailView.as_view(), name="challenge"),
    path(f"{CHALLENGE}/barriers", challenges.BarrierListView.as_view(), name="barriers"),
    path(f"{CHALLENGE}/readings", readings.ReadingListView.as_view(), name="readings"),
    path(f"{CHALLENGE}/slate", slates.SlateView.as_view(), name="slate"),
    path(f"{CHALLENGE}/another", slates.AdditionalRecommendationView.as_view(), name="another"),
    path("viewings", viewings.ViewingCreateView.as_view(), name="viewings"),
    path("viewings/<uuid:viewing_id>", viewings.ViewingDetailView.as_view(), name="viewing"),
    path("steps", steps.StepListView.as_view(), name="steps"),
    path("steps/<uuid:step_id>", steps.StepDetailView.as_view(), name="step"),
    path("steps/<uuid:step_id>/attempts", steps.AttemptCreateView.as_view(), name="attempts"),
    path(f"{STORY}/saved", stories.SavedStoryView.as_view(), name="save"),
    path(f"{STORY}/unwanted", negative_feedback.LessLikeThisView.as_view(), name="unwanted"),
    path(f"{STORY}/teller-hidden", negative_feedback.HiddenTellerView.as_view(), name="teller_hidden"),
    path("my/saved", stories.SavedStoryListView.as_view(), name="saved"),
    path("search", search.SearchView.as_view(), name="search"),
]
teller_urls = [
    path("stories", stories.StoryListView.as_view(), name="stories"),
    path(STORY, stories.StoryDetailView.as_view(), name="story"),
    path("my/stories", drafts.OwnStoryListView.as_view(), name="my_stories"),
    path("my/stories/<uuid:story_id>", drafts.OwnStoryDetailView.as_view(), name="my_story"),
    path(f"{STORY}/chapters", drafts.ChapterListView.as_view(), name="chapters"),
    path(f"{STORY}/recording", drafts.RecordingView.as_view(), name="recording"),
    path(f"{STORY}/poster", drafts.PosterView.as_view(), name="poster"),
    path(f"{STORY}/disguise", drafts.AnonymisationView.as_view(), name="disguise"),
    path(
        f"{STORY}/recording/confirm", drafts.ConfirmDamagedRecordingView.as_view(), name="confirm_recording"
    ),
    path(f"{STORY}/captions/<slug:language>", drafts.CaptionsView.as_view(), name="captions"),
    path(f"{STORY}/consent", drafts.ConsentView.as_view(), name="consent"),
    path(f"{STORY}/progress", publishing.ProcessingProgressView.as_view(), name="progress"),
    path(
        f"{STORY}/progress/events", publishing.ProcessingProgressStreamView.as_view(), name="progress_events"
    ),
    path(f"{STORY}/submit", publishing.StorySubmissionView.as_view(), name="submit"),
    path(f"{STORY}/withdraw", publishing.StoryWithdrawalView.as_view(), name="withdraw"),
    path(f"{STORY}/hidden", publishing.StoryVisibilityView.as_view(), name="hidden"),
    path("uploads", uploads.UploadListView.as_view(), name="uploads"),
    path(UPLOAD, uploads.UploadDetailView.as_view(), name="upload"),
    path(f"{UPLOAD}/parts", uploads.PartUploadURLView.as_view(), name="parts"),
    path(f"{UPLOAD}/complete", uploads.UploadCompletionView.as_view(), name="complete"),
]
review_urls = [
    path("review", review.ReviewQueueView.as_view(), name="review"),
    path("review/rubric", review.RubricView.as_view(), name="rubric"),
    path("review/claim", review.NextClaimView.as_view(), name="claim_next"),
    path(f"{REVIEW}/claim", review.StoryClaimView.as_view(), name="claim"),
    path(f"{REVIEW}/release", review.ClaimReleaseView.as_view(), name="release"),
    path(f"{REVIEW}/skip", review.StorySkipView.as_view(), name="skip"),
    path(f"{REVIEW}/decision", review.DecisionView.as_view(), name="decision"),
]
operator_urls = [
    path("operate/jobs", jobs.QuarantinedJobListView.as_view(), name="jobs_set_aside"),
    path("operate/jobs/<uuid:job_id>/retry", jobs.JobRetryView.as_view(), name="job_retry"),
]
urlpatterns = [*health_urls, *profile_urls, *viewer_urls, *teller_urls, *review_urls, *operator_urls]
