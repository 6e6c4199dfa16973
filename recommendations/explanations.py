"""Explains matches to the viewer: what they share with the teller, and how they differ."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from django.utils.translation import gettext

from accounts.traits.catalogue import parse_stored_answers
from accounts.traits.translation import translated_catalogue
from matching.explanations import Explanation, explain_match
from recommendations.index.story_index import RankedStory
from recommendations.inputs import SlateInputs


def explain_matches(
    ranked: Sequence[RankedStory], inputs: SlateInputs, *, shown_traits: Mapping[uuid.UUID, Collection[str]]
) -> dict[uuid.UUID, Explanation]:
    """Return an explanation by story, using only traits that its teller agreed to show."""
    viewer_traits = parse_stored_answers(inputs.profile.traits)
    explanations = {}
    for story in ranked:
        key, facts, traits = story.match.key, story.story.facts, story.story.traits
        shown = {trait: traits[trait] for trait in shown_traits.get(key, ()) if trait in traits}
        starts_here = facts.start_rung == inputs.reading.present_rung
        start_rung_sentence = gettext("Started where you are now.") if starts_here else ""
        explanations[key] = explain_match(
            story.match,
            viewer_traits,
            shown,
            translated_catalogue(),
            start_rung_sentence=start_rung_sentence,
        )
    return explanations
