"""Say in words why a story was chosen for somebody and how its teller differs, by what the teller agreed to show."""

import uuid
from collections.abc import Sequence

from accounts.traits.catalogue import parse_stored_answers
from accounts.traits.translation import translated_catalogue
from matching import Explanation, explain_match
from recommendations.index.story_index import RankedStory
from recommendations.inputs import SlateInputs
from stories.models import Story


def explain_matches(chosen: Sequence[RankedStory], basis: SlateInputs) -> dict[uuid.UUID, Explanation]:
    """Return the words by story (one query for all of them)."""
    stories = Story.objects.filter(pk__in=[one.match.key for one in chosen])
    shown = dict(stories.values_list("pk", "shown_traits"))
    mine = parse_stored_answers(basis.profile.traits)

    def say(one: RankedStory) -> Explanation:
        facts, traits = one.story.facts, one.story.traits
        theirs = {key: traits[key] for key in shown.get(one.match.key, []) if key in traits}
        start = "Started where you are now." if facts.start_rung == basis.reading.present_rung else ""
        return explain_match(one.match, mine, theirs, translated_catalogue(), start_rung_sentence=start)

    return {one.match.key: say(one) for one in chosen}
