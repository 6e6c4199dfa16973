"""A teller's own stories: create, edit, consent, submit, hide, withdraw."""

from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import ConsentText
from challenges.models import Challenge
from moderation.models import Notice
from stories import drafts, lifecycle, publishing
from stories.models import Story, StoryEvent, StoryState
from stories.publishing import NotReadyToSubmit
from web.access import AuthenticatedRequest, require_get_or_post, require_login
from web.csp_hashes import allow_player_styles
from web.draft_checklist import build_checklist, describe_state
from web.form_actions import posted_data, run_post_action, submit_form
from web.forms.consent import ConsentForm
from web.forms.drafts import StoryFactsForm
from web.forms.then_self import ThenSelfForm
from web.lookups import get_own_story_or_404
from web.pagination import paginate

MAX_NOTICES = 3


@require_safe
@require_login
def own_story_list(request: AuthenticatedRequest) -> HttpResponse:
    events = StoryEvent.objects.filter(story=OuterRef("pk"), new=OuterRef("state")).order_by("-at", "-pk")
    own_stories = (
        Story.objects.by_teller(request.user)
        .with_card_relations()
        .annotate(last_reason=Subquery(events.values("reason")[:1]))
    )
    page = paginate(own_stories, request, keyset=("-created_at", "-pk"))
    context = {
        "section": "tell",
        "stories": [(story, describe_state(story)) for story in page.items],
        "page": page,
        "unread_notices": Notice.objects.to_person(request.user).unread().count(),
    }
    return render(request, "web/tell/own_stories.html", context)


@require_safe
@require_login
def choose_challenge(request: AuthenticatedRequest) -> HttpResponse:
    challenges = Challenge.objects.offered().in_catalogue_order()
    return render(request, "web/tell/start.html", {"section": "tell", "challenges": challenges})


@require_get_or_post
@require_login
def create_story(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    challenge = get_object_or_404(Challenge.objects.offered().with_ladder(), slug=slug)
    form = StoryFactsForm(posted_data(request), initial={"seen": 1}, rungs=challenge.rungs.all())
    result = submit_form(form, lambda: drafts.create_draft(challenge, form.story_draft(), by=request.user))
    if result.story is not None:
        messages.success(request, gettext("Your story is saved. Only you can see it."))
        return redirect("web:my_story", result.story.pk)
    context = {"section": "tell", "form": form, "challenge": challenge}
    return render(request, "web/tell/facts.html", context, status=result.status)


@allow_player_styles
@require_safe
@require_login
def own_story_detail(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show a story's state, its checklist, and what the teller can do with it now."""
    story = get_own_story_or_404(request, story_id)
    video = story.video
    languages = sorted(video.captions.values_list("language", flat=True)) if video else []
    missing = publishing.missing_requirements(story) if story.may_be_edited else []
    context = {
        "section": "tell",
        "story": story,
        "state_description": describe_state(story),
        "checklist": build_checklist(
            story, chapters=len(story.chapters.all()), captions=len(languages), missing=missing
        ),
        "missing": missing,
        "caption_languages": languages,
        "notices": Notice.objects.to_person(request.user).for_story(story).newest_first()[:MAX_NOTICES],
        "last_event": story.events.order_by("-at", "-pk").first(),
        "may_withdraw": lifecycle.may_transition(story, StoryState.WITHDRAWN),
        "playable": video is not None and video.can_be_watched,
    }
    return render(request, "web/tell/story.html", context)


@require_get_or_post
@require_login
def edit_facts(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    story = get_own_story_or_404(request, story_id)
    rungs = story.challenge.rungs.all()
    form = StoryFactsForm(posted_data(request), initial=StoryFactsForm.initial_for(story), rungs=rungs)
    result = submit_form(
        form,
        lambda: drafts.update_draft(
            story, form.story_draft(), by=request.user, expected_version=form.expected_version
        ),
    )
    if result.story is not None:
        messages.success(request, gettext("Your story details are saved."))
        return redirect("web:my_story", story.pk)
    context = {"section": "tell", "form": form, "challenge": story.challenge, "story": story}
    return render(request, "web/tell/facts.html", context, status=result.status)


@require_get_or_post
@require_login
def edit_then_self(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Save who the teller was when the story starts, and which answers viewers may see."""
    story = get_own_story_or_404(request, story_id)
    form = ThenSelfForm(posted_data(request), initial=ThenSelfForm.initial_for(story))
    result = submit_form(
        form,
        lambda: drafts.update_draft(
            story, form.story_draft(), by=request.user, expected_version=form.expected_version
        ),
    )
    if result.story is not None:
        messages.success(request, gettext("Your answers are saved."))
        return redirect("web:my_story", story.pk)
    context = {"section": "tell", "form": form, "story": story}
    return render(request, "web/tell/then_self.html", context, status=result.status)


@require_get_or_post
@require_login
def edit_consent(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show the full consent text, and save consent to each use."""
    story = get_own_story_or_404(request, story_id)
    consent_text = ConsentText.objects.current()
    uses = story.consent.uses if story.consent else []
    form = ConsentForm(posted_data(request), initial={"seen": story.version, "uses": uses})
    result = submit_form(
        form,
        lambda: drafts.give_consent(
            story,
            form.chosen_uses,
            text_version=form.text_version,
            by=request.user,
            expected_version=form.expected_version,
        ),
    )
    if result.story is not None:
        messages.success(request, gettext("Thank you. You can change your mind at any time."))
        return redirect("web:my_story", story.pk)
    context = {"section": "tell", "form": form, "story": story, "consent_text": consent_text}
    return render(request, "web/tell/consent.html", context, status=result.status)


@require_POST
@require_login
def submit_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    story = get_own_story_or_404(request, story_id)

    def action(expected_version: int) -> str:
        try:
            publishing.submit_story(story, by=request.user, expected_version=expected_version)
        except NotReadyToSubmit as error:
            return str(error)
        return gettext("Submitted. We will let you know as soon as a moderator has watched it.")

    return run_post_action(request, story, action)


@require_POST
@require_login
def set_story_hidden(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Hide a story from members, or show it again."""
    story = get_own_story_or_404(request, story_id)
    hidden = request.POST.get("hidden") == "yes"

    def action(_expected_version: int) -> str:
        publishing.set_story_hidden(story, by=request.user, hidden=hidden)
        if hidden:
            return gettext("Your story is hidden. Nobody can see it.")
        return gettext("Members can see your story again.")

    return run_post_action(request, story, action)


@require_get_or_post
@require_login
def withdraw_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Ask for confirmation on GET; withdraw the story on POST."""
    story = get_own_story_or_404(request, story_id)
    if request.method != "POST":
        may_withdraw = lifecycle.may_transition(story, StoryState.WITHDRAWN)
        context = {"section": "tell", "story": story, "may_withdraw": may_withdraw}
        return render(request, "web/tell/withdraw.html", context)

    def action(_expected_version: int) -> str:
        publishing.withdraw_story(story, by=request.user)
        return gettext(
            "Your story is withdrawn. Nobody can see it any more, and we are deleting the recording."
        )

    return run_post_action(request, story, action)
