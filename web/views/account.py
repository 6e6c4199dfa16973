"""A user's profile for matching, and account settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext

from accounts import display_names, profiles
from accounts.display_names import InvalidDisplayName
from accounts.models import Role
from accounts.second_factor import has_second_factor
from accounts.traits.catalogue import InvalidTrait
from challenges.models import Challenge
from web.access import AuthenticatedRequest, require_get_or_post, require_login
from web.forms.profile import DisplayNameForm, ProfileForm


@require_login
@require_get_or_post
def edit_profile(request: AuthenticatedRequest) -> HttpResponse:
    next_challenge = _challenge_to_continue(request.GET.get("for", ""))
    initial = ProfileForm.initial_for(profiles.get_profile(request.user))
    form = ProfileForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            profiles.update_profile(request.user, form.profile_change())
        except InvalidTrait as error:
            form.add_refusal(error.field, f"{error.problem} {error.fix}")
        else:
            messages.success(request, gettext("Saved. You can change or remove your answers at any time."))
            if next_challenge:
                return redirect("web:slate", slug=next_challenge.slug)
            return redirect("web:about_you")
    context = {"form": form, "next_challenge": next_challenge, "section": "account"}
    return render(request, "web/find/about_you.html", context, status=form.response_status)


@require_login
@require_get_or_post
def account_settings(request: AuthenticatedRequest) -> HttpResponse:
    form = DisplayNameForm(request.POST or None, initial={"handle": request.user.handle})
    if form.is_bound and form.is_valid():
        try:
            display_names.set_display_name(request.user, form.cleaned_data["handle"])
        except InvalidDisplayName as error:
            form.add_refusal(error.field, str(error))
        else:
            messages.success(request, gettext("Saved. Your stories show this name from now on."))
            return redirect("web:account")
    context = {
        "section": "account",
        "has_second_factor": has_second_factor(request.user),
        "is_operator": request.user.has_role(Role.OPERATOR),
        "form": form,
    }
    return render(request, "web/account.html", context, status=form.response_status)


def _challenge_to_continue(slug: str) -> Challenge | None:
    return get_object_or_404(Challenge.objects.offered(), slug=slug) if slug else None
