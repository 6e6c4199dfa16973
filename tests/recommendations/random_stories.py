"""Publishes random stories and generates random viewers, from a seed."""

import numpy as np

from accounts.content_notes import ContentNote
from accounts.models import User
from accounts.traits.catalogue import TRAIT_CATALOGUE
from challenges.models import Challenge
from stories.models import ModelKind, Outcome, Story, Strategy
from tests.benchmarks.profile_data import generate_people
from tests.people import create_person
from tests.story_factories import create_published_story


def publish_random_stories(
    challenges: list[Challenge], *, tellers: int, stories: int, by: User, seed: int
) -> list[Story]:
    """Publish stories with random facts and answers."""
    rng = np.random.default_rng(seed)
    people = [create_person(f"teller{number}") for number in range(tellers)]
    then_answers = generate_people(TRAIT_CATALOGUE, stories, missing=0.4, rng=rng)
    published = []
    for answers in then_answers:
        start = int(rng.integers(0, 3))
        published.append(
            create_published_story(
                people[rng.integers(tellers)],
                challenges[rng.integers(len(challenges))],
                by=by,
                traits_then=TRAIT_CATALOGUE.answers_to_json(answers),
                model_kind=str(rng.choice(ModelKind.values, p=[0.7, 0.3])),
                outcome=str(rng.choice(Outcome.values)),
                language=str(rng.choice(["en", "de"])),
                start_rung=start,
                end_rung=start + int(rng.integers(1, 4)),
                content_notes=sorted(
                    rng.choice(ContentNote.values, size=rng.integers(3), replace=False).tolist()
                ),
                strategies=sorted(rng.choice(Strategy.values, size=rng.integers(4), replace=False).tolist()),
            )
        )
    return published


def random_viewer_answers(*, seed: int) -> dict[str, object]:
    (person,) = generate_people(TRAIT_CATALOGUE, 1, missing=0.3, rng=np.random.default_rng(seed))
    return dict(TRAIT_CATALOGUE.answers_to_json(person))
