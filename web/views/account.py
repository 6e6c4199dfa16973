"""One's own corner: what one shared for matching, and where the account's settings are."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import handles, profiles
from accounts.handles import BadHandle
from accounts.models import Role
from accounts.traits import BadTrait
from challenges.models import Challenge
from web.doors import Visit, signed_in
from web.forms.find import AboutYouForm, HandleForm


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def about_you(request: Visit) -> HttpResponse:
    """Ask what is true for a person and what matters to them; all of it may stay open."""
    going_to = _on_the_way_to(request.GET.get("for", ""))
    initial = AboutYouForm.answers_of(profiles.of(request.user))
    form = AboutYouForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            profiles.change(request.user, form.change())
        except BadTrait as refused:
            form.refuse(refused.field, f"{refused.problem} {refused.fix}")
        else:
            messages.success(request, "Saved. You can change or remove any of it at any time.")
            return redirect("web:slate", slug=going_to.slug) if going_to else redirect("web:about_you")
    about = {"form": form, "going_to": going_to, "section": "account"}
    return render(request, "web/find/about_you.html", about, status=form.status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: Visit) -> HttpResponse:
    """Show where everything of one's own is, and ask for the name that others see."""
    form = HandleForm(request.POST or None, initial={"handle": request.user.handle})
    if form.is_bound and form.is_valid():
        try:
            handles.choose(request.user, form.cleaned_data["handle"])
        except BadHandle as refused:
            form.refuse(refused.field, str(refused))
        else:
            messages.success(request, "Saved. Your stories show this name from now on.")
            return redirect("web:account")
    about = {
        "section": "account",
        "second_factor": is_mfa_enabled(request.user),
        "operates": request.user.has_role(Role.OPERATOR),
        "form": form,
    }
    return render(request, "web/account.html", about, status=form.status)


def _on_the_way_to(slug: str) -> Challenge | None:
    return get_object_or_404(Challenge.objects.offered(), slug=slug) if slug else None
