"""Match reasons in words: why a story was chosen for a viewer, and how its teller differs."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from matching.explanations import Explanation, explain_match
from recommendations.index.story_index import RankedStory
from recommendations.inputs import SlateInputs


def explain_matches(
    ranked: Sequence[RankedStory], inputs: SlateInputs, *, shown_traits: Mapping[uuid.UUID, Collection[str]]
) -> dict[uuid.UUID, Explanation]:
    """Return an explanation by story, from the traits that its teller agreed to show."""
    viewer_traits = parse_stored_answers(inputs.profile.traits)
    explanations = {}
    for story in ranked:
        key, facts, traits = story.match.key, story.story.facts, story.story.traits
        shown = {trait: traits[trait] for trait in shown_traits.get(key, ()) if trait in traits}
        starting = "Started where you are now." if facts.start_rung == inputs.reading.present_rung else ""
        explanations[key] = explain_match(
            story.match, viewer_traits, shown, TRAIT_CATALOGUE, start_rung_sentence=starting
        )
    return explanations
