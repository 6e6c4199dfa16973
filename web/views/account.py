"""One's own corner: what one shared for matching, and where the account's settings are."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts import display_names, profiles
from accounts.display_names import InvalidDisplayName
from accounts.models import Role
from accounts.second_factor import has_second_factor
from accounts.traits.catalogue import InvalidTrait
from challenges.models import Challenge
from web.access import AuthenticatedRequest, require_login
from web.forms.profile import DisplayNameForm, ProfileForm


@require_login
@require_http_methods(["GET", "HEAD", "POST"])
def edit_profile(request: AuthenticatedRequest) -> HttpResponse:
    """Ask what is true for a person and what matters to them; all of it may stay open."""
    going_to = _challenge_to_continue(request.GET.get("for", ""))
    initial = ProfileForm.initial_for(profiles.get_profile(request.user))
    form = ProfileForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            profiles.update_profile(request.user, form.profile_change())
        except InvalidTrait as refused:
            form.add_refusal(refused.field, f"{refused.problem} {refused.fix}")
        else:
            messages.success(request, "Saved. You can change or remove any of it at any time.")
            return redirect("web:slate", slug=going_to.slug) if going_to else redirect("web:about_you")
    about = {"form": form, "going_to": going_to, "section": "account"}
    return render(request, "web/find/about_you.html", about, status=form.response_status)


@require_login
@require_http_methods(["GET", "HEAD", "POST"])
def account_settings(request: AuthenticatedRequest) -> HttpResponse:
    """Show where everything of one's own is, and ask for the name that others see."""
    form = DisplayNameForm(request.POST or None, initial={"handle": request.user.handle})
    if form.is_bound and form.is_valid():
        try:
            display_names.set_display_name(request.user, form.cleaned_data["handle"])
        except InvalidDisplayName as refused:
            form.add_refusal(refused.field, str(refused))
        else:
            messages.success(request, "Saved. Your stories show this name from now on.")
            return redirect("web:account")
    about = {
        "section": "account",
        "second_factor": has_second_factor(request.user),
        "operates": request.user.has_role(Role.OPERATOR),
        "form": form,
    }
    return render(request, "web/account.html", about, status=form.response_status)


def _challenge_to_continue(slug: str) -> Challenge | None:
    return get_object_or_404(Challenge.objects.offered(), slug=slug) if slug else None
