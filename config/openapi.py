"""Settings of drf-spectacular, which generates the OpenAPI schema."""

SPECTACULAR_SETTINGS = {
    "TITLE": "Sameboat",
    "DESCRIPTION": (
        "Stories by people who were like you when they started.\n\n"
        "Web pages authenticate with the session cookie and Django's CSRF token. Other clients log in under "
        "`/_allauth/app/v1/` and send the session token as `X-Session-Token`; logging out revokes it. Errors are "
        "problem details (RFC 9457) with a stable `code`. Unknown fields are rejected. Updates use optimistic locking: "
        "send the version you last read in `If-Match` or `expected_version`; an outdated version gets status 409 with the current "
        "story."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "ChapterKind": "stories.models.ChapterKind",
        "ContentNote": "accounts.content_notes.ContentNote",
        "NoticeKind": "moderation.models.Notice.Kind",
        "RecordingKind": "media.models.Video.Kind",
        "RecordingStatus": "media.models.Video.Status",
        "RubricItem": "moderation.rubric.RubricItem",
        "StoryState": "stories.models.StoryState",
        "TraitKind": ["number", "order", "choice", "set"],
        "UploadState": "media.models.Upload.State",
    },
}
