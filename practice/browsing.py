"""Look around among the stories that are open, apart from any slate."""

from accounts import profiles
from accounts.models import User
from practice.models import HiddenTeller
from stories.models import Outcome, Story, StoryQuerySet


def browsable_stories(viewer: User) -> StoryQuerySet:
    """Return the stories that somebody may come across by browsing.

    A muted content note and a hidden teller stay away here too. A story that was not resolved is shown by a slate
    only, which knows how sure of themselves the viewer is.
    """
    hidden = HiddenTeller.objects.filter(person=viewer).values("teller")
    muted = profiles.get_profile(viewer).muted
    found = Story.objects.open_to_members().exclude(teller__in=hidden).exclude(outcome=Outcome.UNRESOLVED)
    return found.exclude(content_notes__overlap=muted) if muted else found
