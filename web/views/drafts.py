"""A teller's own stories: begin one, write its facts, agree, send it for review, hide it, take it back."""

from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import ConsentText
from challenges.models import Challenge
from moderation.models import Notice
from stories import drafts, lifecycle, publishing
from stories.models import Story, StoryEvent, StoryState
from stories.publishing import NotReadyToSubmit
from web.access import AuthenticatedRequest, require_login
from web.csp_hashes import allow_player_styles
from web.draft_checklist import build_checklist, describe_state
from web.form_actions import get_own_story_or_404, posted_data, run_post_action, submit_form
from web.forms.drafts import ConsentForm, StoryFactsForm
from web.forms.then_self import ThenSelfForm
from web.pagination import paginate

MAX_NOTICES = 3
require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@require_login
def own_story_list(request: AuthenticatedRequest) -> HttpResponse:
    """List one's own stories, newest first, with what each is waiting for."""
    why = StoryEvent.objects.filter(story=OuterRef("pk"), new=OuterRef("state")).order_by("-at", "-pk")
    own = (
        Story.objects.by_teller(request.user)
        .with_card_relations()
        .annotate(why=Subquery(why.values("reason")[:1]))
    )
    stories = paginate(own, request, keyset=("-created_at", "-pk"))
    page = {
        "section": "tell",
        "stories": [(story, describe_state(story)) for story in stories.items],
        "leaf": stories,
        "news": Notice.objects.to_person(request.user).unread().count(),
    }
    return render(request, "web/tell/mine.html", page)


@require_safe
@require_login
def choose_challenge(request: AuthenticatedRequest) -> HttpResponse:
    """Choose what the story is about."""
    challenges = Challenge.objects.offered().in_catalogue_order()
    return render(request, "web/tell/start.html", {"section": "tell", "challenges": challenges})


@require_get_or_post
@require_login
def create_story(request: AuthenticatedRequest, slug: str) -> HttpResponse:
    """Write the facts of a new story."""
    challenge = get_object_or_404(Challenge.objects.offered().with_ladder(), slug=slug)
    form = StoryFactsForm(posted_data(request), initial={"seen": 1}, rungs=challenge.rungs.all())
    done = submit_form(form, lambda: drafts.create_draft(challenge, form.story_draft(), by=request.user))
    if done.story is not None:
        messages.success(request, "Your story is begun. Nobody but you can see it.")
        return redirect("web:my_story", done.story.pk)
    page = {"section": "tell", "form": form, "challenge": challenge}
    return render(request, "web/tell/facts.html", page, status=done.status)


@allow_player_styles
@require_safe
@require_login
def own_story_detail(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Show how far a story is, what it still needs, and what can be done with it now."""
    told = get_own_story_or_404(request, story_id)
    video = told.video
    captions = sorted(video.captions.values_list("language", flat=True)) if video else []
    lacking = publishing.missing_requirements(told) if told.may_be_edited else []
    page = {
        "section": "tell",
        "story": told,
        "said": describe_state(told),
        "plan": build_checklist(
            told, chapters=len(told.chapters.all()), captions=len(captions), missing=lacking
        ),
        "lacking": lacking,
        "captions": captions,
        "notices": Notice.objects.to_person(request.user).for_story(told).newest_first()[:MAX_NOTICES],
        "last_move": told.events.order_by("-at", "-pk").first(),
        "may_withdraw": lifecycle.may_transition(told, StoryState.WITHDRAWN),
        "playable": video is not None and video.can_be_watched,
    }
    return render(request, "web/tell/story.html", page)


@require_get_or_post
@require_login
def edit_facts(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Change the facts of a draft."""
    told = get_own_story_or_404(request, story_id)
    rungs = told.challenge.rungs.all()
    form = StoryFactsForm(posted_data(request), initial=StoryFactsForm.initial_for(told), rungs=rungs)
    done = submit_form(
        form,
        lambda: drafts.update_draft(
            told, form.story_draft(), by=request.user, expected_version=form.expected_version
        ),
    )
    if done.story is not None:
        messages.success(request, "The facts are saved.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "challenge": told.challenge, "story": told}
    return render(request, "web/tell/facts.html", page, status=done.status)


@require_get_or_post
@require_login
def edit_then_self(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Say who one was when the story starts, and what of it others may see."""
    told = get_own_story_or_404(request, story_id)
    form = ThenSelfForm(posted_data(request), initial=ThenSelfForm.initial_for(told))
    done = submit_form(
        form,
        lambda: drafts.update_draft(
            told, form.story_draft(), by=request.user, expected_version=form.expected_version
        ),
    )
    if done.story is not None:
        messages.success(request, "Your answers are saved.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "story": told}
    return render(request, "web/tell/then.html", page, status=done.status)


@require_get_or_post
@require_login
def edit_consent(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Read what one agrees to, in full, and agree use by use."""
    told = get_own_story_or_404(request, story_id)
    text = ConsentText.objects.current()
    uses = told.consent.uses if told.consent else []
    form = ConsentForm(posted_data(request), initial={"seen": told.version, "uses": uses})
    done = submit_form(
        form,
        lambda: drafts.give_consent(
            told,
            form.chosen_uses,
            text_version=form.text_version,
            by=request.user,
            expected_version=form.expected_version,
        ),
    )
    if done.story is not None:
        messages.success(request, "Thank you. You can change your mind at any time.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "story": told, "text": text}
    return render(request, "web/tell/consent.html", page, status=done.status)


@require_POST
@require_login
def submit_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Send a story to the moderators."""
    told = get_own_story_or_404(request, story_id)

    def act(seen: int) -> str:
        try:
            publishing.submit_story(told, by=request.user, expected_version=seen)
        except NotReadyToSubmit as lacking:
            return str(lacking)
        return "Sent. We will tell you as soon as somebody has looked at it."

    return run_post_action(request, told, act)


@require_POST
@require_login
def set_story_hidden(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Hide a story from members, or show it again."""
    told = get_own_story_or_404(request, story_id)
    hidden = request.POST.get("hidden") == "yes"

    def act(_seen: int) -> str:
        publishing.set_story_hidden(told, by=request.user, hidden=hidden)
        return "It is hidden: nobody is shown it." if hidden else "Members may be shown it again."

    return run_post_action(request, told, act)


@require_get_or_post
@require_login
def withdraw_story(request: AuthenticatedRequest, story_id: UUID) -> HttpResponse:
    """Ask once, plainly, then take the story back for good."""
    told = get_own_story_or_404(request, story_id)
    if request.method != "POST":
        may = lifecycle.may_transition(told, StoryState.WITHDRAWN)
        return render(
            request, "web/tell/withdraw.html", {"section": "tell", "story": told, "may_withdraw": may}
        )

    def act(_seen: int) -> str:
        publishing.withdraw_story(told, by=request.user)
        return "Your story is withdrawn. Nobody is shown it any more, and the recording is being erased."

    return run_post_action(request, told, act)
