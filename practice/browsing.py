"""Lists the open stories that a viewer may browse, outside of slates."""

from accounts import profiles
from accounts.models import User
from practice.models import HiddenTeller
from stories.models import Outcome, Story, StoryQuerySet


def browsable_stories(viewer: User) -> StoryQuerySet:
    """Return the open stories without hidden tellers, muted content notes and unresolved outcomes.

    Only slates show stories with an unresolved outcome, because they take the viewer's confidence into account.
    """
    hidden_tellers = HiddenTeller.objects.filter(person=viewer).values("teller")
    muted_notes = profiles.get_profile(viewer).muted
    stories = Story.objects.open_to_members().exclude(teller__in=hidden_tellers)
    stories = stories.exclude(outcome=Outcome.UNRESOLVED)
    return stories.exclude(content_notes__overlap=muted_notes) if muted_notes else stories
