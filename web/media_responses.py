"""Responses with playlists, segments, pictures and captions. The caller has checked that the user may see the story."""

from django.http import Http404, HttpResponse, HttpResponseRedirect

from media.playback.delivery import NoSuchFile, is_generated_file
from stories import playback
from stories.models import Story
from stories.playback import NoPlayableRecording

# Access is checked at every request.
NO_STORE_HEADERS = {"Cache-Control": "no-store"}


def media_file_response(story: Story, name: str) -> HttpResponse:
    """Return a generated text such as a playlist, or redirect to a signed URL that expires within seconds."""
    try:
        if is_generated_file(name):
            text = playback.playback_text(story, name)
            return HttpResponse(text.text, content_type=text.content_type, headers=NO_STORE_HEADERS)
        return HttpResponseRedirect(playback.signed_url(story, name), headers=NO_STORE_HEADERS)
    except (NoPlayableRecording, NoSuchFile):
        raise Http404("no such media file") from None


def captions_response(story: Story, language: str) -> HttpResponse:
    try:
        captions = playback.captions_in_language(story, language)
    except NoPlayableRecording:
        raise Http404("no captions in this language") from None
    return HttpResponse(captions.vtt, content_type="text/vtt; charset=utf-8", headers=NO_STORE_HEADERS)
