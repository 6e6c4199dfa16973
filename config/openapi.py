"""How the OpenAPI description of the API is made."""

SPECTACULAR_SETTINGS = {
    "TITLE": "Sameboat",
    "DESCRIPTION": (
        "Stories by people who were like you when they started.\n\n"
        "Pages use the session cookie with Django's CSRF token. Programs log in under `/_allauth/app/v1/` and send the "
        "session token they get as `X-Session-Token`; logging out revokes it. Refusals are problem details "
        "(RFC 9457) with a stable `code`. Unknown fields are refused. A change rests on a version, named in "
        "`If-Match` or `seen`; a late one is answered with 409 and the story as it stands."
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
