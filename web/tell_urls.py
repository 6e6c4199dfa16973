"""The addresses of the tell journey; they belong to the name space of web.urls."""

from django.urls import path

from web.views import disguise, notices, record, tell

STORY = "<uuid:story_id>/"
urlpatterns = [
    path("", tell.mine, name="my_stories"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<uuid:notice_id>/read/", notices.read, name="notice_read"),
    path("start/", tell.start, name="tell_start"),
    path("start/<slug:slug>/", tell.begin, name="tell_begin"),
    path(STORY, tell.story, name="my_story"),
    path(f"{STORY}facts/", tell.facts, name="my_story_facts"),
    path(f"{STORY}then/", tell.then, name="my_story_then"),
    path(f"{STORY}recording/", record.recording, name="my_story_recording"),
    path(f"{STORY}record/", record.record, name="my_story_record"),
    path(f"{STORY}poster/", record.poster, name="my_story_poster"),
    path(f"{STORY}disguise/", disguise.disguise, name="my_story_disguise"),
    path(f"{STORY}damaged/", record.confirm_damaged, name="my_story_damaged"),
    path(f"{STORY}chapters/", record.chapters, name="my_story_chapters"),
    path(f"{STORY}captions/", record.captions, name="my_story_captions"),
    path(f"{STORY}captions/<str:language>/", record.read_captions, name="my_story_read_captions"),
    path(f"{STORY}consent/", tell.consent, name="my_story_consent"),
    path(f"{STORY}submit/", tell.submit, name="my_story_submit"),
    path(f"{STORY}hidden/", tell.hide, name="my_story_hidden"),
    path(f"{STORY}withdraw/", tell.withdraw, name="my_story_withdraw"),
    path(f"{STORY}hls/<str:name>", record.file, name="my_story_file"),
    path(f"{STORY}words/<str:language>.vtt", record.words, name="my_story_words"),
]
