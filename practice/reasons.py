"""Say in words why a story was chosen for somebody and how its teller differs, by what the teller agreed to show."""

import uuid
from collections.abc import Sequence

from accounts.traits import CATALOGUE, read
from matching import Explanation, explain
from practice.candidates import Basis
from practice.index import Ranked
from stories.models import Story


def said_of(chosen: Sequence[Ranked], basis: Basis) -> dict[uuid.UUID, Explanation]:
    """Return the words by story (one query for all of them)."""
    stories = Story.objects.filter(pk__in=[one.match.key for one in chosen])
    shown = dict(stories.values_list("pk", "shown_traits"))
    mine = read(basis.profile.traits)

    def say(one: Ranked) -> Explanation:
        facts, traits = one.entry.facts, one.entry.traits
        theirs = {key: traits[key] for key in shown.get(one.match.key, []) if key in traits}
        start = "Started where you are now." if facts.start_rung == basis.reading.present_rung else ""
        return explain(one.match, mine, theirs, CATALOGUE, starting=start)

    return {one.match.key: say(one) for one in chosen}
