"""URLs of the tell journey, in the namespace of web.urls."""

from django.urls import path

from web.views import anonymisation, captions, drafts, notices, recording

STORY = "<uuid:story_id>/"
urlpatterns = [
    path("", drafts.own_story_list, name="my_stories"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/<uuid:notice_id>/read/", notices.mark_notice_read, name="notice_read"),
    path("start/", drafts.choose_challenge, name="choose_challenge"),
    path("start/<slug:slug>/", drafts.create_story, name="create_story"),
    path(STORY, drafts.own_story_detail, name="my_story"),
    path(f"{STORY}facts/", drafts.edit_facts, name="my_story_facts"),
    path(f"{STORY}then/", drafts.edit_then_self, name="my_story_then_self"),
    path(f"{STORY}recording/", recording.recording_page, name="my_story_recording"),
    path(f"{STORY}record/", recording.record_page, name="my_story_record"),
    path(f"{STORY}poster/", recording.choose_poster, name="my_story_poster"),
    path(f"{STORY}disguise/", anonymisation.edit_anonymisation, name="my_story_anonymisation"),
    path(f"{STORY}damaged/", recording.confirm_damaged_recording, name="my_story_confirm_damaged"),
    path(f"{STORY}chapters/", recording.edit_chapters, name="my_story_chapters"),
    path(f"{STORY}captions/", captions.edit_captions, name="my_story_captions"),
    path(f"{STORY}captions/<str:language>/", captions.correct_captions, name="my_story_correct_captions"),
    path(f"{STORY}consent/", drafts.edit_consent, name="my_story_consent"),
    path(f"{STORY}submit/", drafts.submit_story, name="my_story_submit"),
    path(f"{STORY}hidden/", drafts.set_story_hidden, name="my_story_hidden"),
    path(f"{STORY}withdraw/", drafts.withdraw_story, name="my_story_withdraw"),
    path(f"{STORY}hls/<str:name>", recording.media_file, name="my_story_media_file"),
    path(f"{STORY}words/<str:language>.vtt", recording.caption_file, name="my_story_caption_file"),
]
