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
from stories import lifecycle, publishing, telling
from stories.models import Story, StoryEvent, StoryState
from stories.publishing import NotReadyToSubmit
from web.changing import attempt, own_story, press, sent
from web.doors import Visit, signed_in
from web.forms.tell import ConsentForm, FactsForm
from web.forms.then import ThenForm
from web.leafing import leaf
from web.plan import plan_of, said_of
from web.player_styles import with_player

NOTICES_SHOWN = 3
shown_or_posted = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@signed_in
def mine(request: Visit) -> HttpResponse:
    """List one's own stories, newest first, with what each is waiting for."""
    why = StoryEvent.objects.filter(story=OuterRef("pk"), new=OuterRef("state")).order_by("-at", "-pk")
    own = Story.objects.told_by(request.user).for_cards().annotate(why=Subquery(why.values("reason")[:1]))
    stories = leaf(own, dated="created_at", after=request.GET.get("after", ""))
    page = {
        "section": "tell",
        "stories": [(story, said_of(story)) for story in stories.rows],
        "leaf": stories,
        "news": Notice.objects.to_person(request.user).unread().count(),
    }
    return render(request, "web/tell/mine.html", page)


@require_safe
@signed_in
def start(request: Visit) -> HttpResponse:
    """Choose what the story is about."""
    challenges = Challenge.objects.offered().in_catalogue_order()
    return render(request, "web/tell/start.html", {"section": "tell", "challenges": challenges})


@shown_or_posted
@signed_in
def begin(request: Visit, slug: str) -> HttpResponse:
    """Write the facts of a new story."""
    challenge = get_object_or_404(Challenge.objects.offered().with_ladder(), slug=slug)
    form = FactsForm(sent(request), initial={"seen": 1}, rungs=challenge.rungs.all())
    done = attempt(form, lambda: telling.start(challenge, form.draft(), by=request.user))
    if done.story is not None:
        messages.success(request, "Your story is begun. Nobody but you can see it.")
        return redirect("web:my_story", done.story.pk)
    page = {"section": "tell", "form": form, "challenge": challenge}
    return render(request, "web/tell/facts.html", page, status=done.status)


@with_player
@require_safe
@signed_in
def story(request: Visit, story_id: UUID) -> HttpResponse:
    """Show how far a story is, what it still needs, and what can be done with it now."""
    told = own_story(request, story_id)
    video = told.video
    captions = sorted(video.captions.values_list("language", flat=True)) if video else []
    lacking = publishing.missing(told) if told.may_be_edited else []
    page = {
        "section": "tell",
        "story": told,
        "said": said_of(told),
        "plan": plan_of(told, chapters=len(told.chapters.all()), captions=len(captions), lacking=lacking),
        "lacking": lacking,
        "captions": captions,
        "notices": Notice.objects.to_person(request.user).about(told).newest_first()[:NOTICES_SHOWN],
        "last_move": told.events.order_by("-at", "-pk").first(),
        "may_withdraw": lifecycle.may_move(told, StoryState.WITHDRAWN),
        "playable": video is not None and video.can_be_watched,
    }
    return render(request, "web/tell/story.html", page)


@shown_or_posted
@signed_in
def facts(request: Visit, story_id: UUID) -> HttpResponse:
    """Change the facts of a draft."""
    told = own_story(request, story_id)
    rungs = told.challenge.rungs.all()
    form = FactsForm(sent(request), initial=FactsForm.facts_of(told), rungs=rungs)
    done = attempt(form, lambda: telling.edit(told, form.draft(), by=request.user, seen=form.seen_version))
    if done.story is not None:
        messages.success(request, "The facts are saved.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "challenge": told.challenge, "story": told}
    return render(request, "web/tell/facts.html", page, status=done.status)


@shown_or_posted
@signed_in
def then(request: Visit, story_id: UUID) -> HttpResponse:
    """Say who one was when the story starts, and what of it others may see."""
    told = own_story(request, story_id)
    form = ThenForm(sent(request), initial=ThenForm.answers_of(told))
    done = attempt(form, lambda: telling.edit(told, form.draft(), by=request.user, seen=form.seen_version))
    if done.story is not None:
        messages.success(request, "Your answers are saved.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "story": told}
    return render(request, "web/tell/then.html", page, status=done.status)


@shown_or_posted
@signed_in
def consent(request: Visit, story_id: UUID) -> HttpResponse:
    """Read what one agrees to, in full, and agree use by use."""
    told = own_story(request, story_id)
    text = ConsentText.objects.current()
    uses = told.consent.uses if told.consent else []
    form = ConsentForm(sent(request), initial={"seen": told.version, "uses": uses})
    done = attempt(
        form,
        lambda: telling.give_consent(
            told, form.chosen_uses, text_version=form.text_version, by=request.user, seen=form.seen_version
        ),
    )
    if done.story is not None:
        messages.success(request, "Thank you. You can change your mind at any time.")
        return redirect("web:my_story", told.pk)
    page = {"section": "tell", "form": form, "story": told, "text": text}
    return render(request, "web/tell/consent.html", page, status=done.status)


@require_POST
@signed_in
def submit(request: Visit, story_id: UUID) -> HttpResponse:
    """Send a story to the moderators."""
    told = own_story(request, story_id)

    def act(seen: int) -> str:
        try:
            publishing.submit(told, by=request.user, seen=seen)
        except NotReadyToSubmit as lacking:
            return str(lacking)
        return "Sent. We will tell you as soon as somebody has looked at it."

    return press(request, told, act)


@require_POST
@signed_in
def hide(request: Visit, story_id: UUID) -> HttpResponse:
    """Hide a story from members, or show it again."""
    told = own_story(request, story_id)
    hidden = request.POST.get("hidden") == "yes"

    def act(_seen: int) -> str:
        publishing.hide(told, by=request.user, hidden=hidden)
        return "It is hidden: nobody is shown it." if hidden else "Members may be shown it again."

    return press(request, told, act)


@shown_or_posted
@signed_in
def withdraw(request: Visit, story_id: UUID) -> HttpResponse:
    """Ask once, plainly, then take the story back for good."""
    told = own_story(request, story_id)
    if request.method != "POST":
        may = lifecycle.may_move(told, StoryState.WITHDRAWN)
        return render(
            request, "web/tell/withdraw.html", {"section": "tell", "story": told, "may_withdraw": may}
        )

    def act(_seen: int) -> str:
        publishing.withdraw(told, by=request.user)
        return "Your story is withdrawn. Nobody is shown it any more, and the recording is being erased."

    return press(request, told, act)
