"""A small seeded world of stories, told by the product's own verbs, and viewers who differ."""

import numpy as np

from accounts.models import User
from accounts.notes import ContentNote
from accounts.traits import CATALOGUE
from challenges.models import Challenge
from stories.models import ModelKind, Outcome, Story, Strategy
from tests.benchmarks.tellers import made_up
from tests.people import join
from tests.stories_told import published_story


def told_by_many(
    challenges: list[Challenge], *, tellers: int, stories: int, by: User, seed: int
) -> list[Story]:
    """Publish stories whose facts and then-selves are drawn by a seed."""
    rng = np.random.default_rng(seed)
    people = [join(f"teller{number}") for number in range(tellers)]
    selves = made_up(CATALOGUE, stories, missing=0.4, rng=rng)
    told = []
    for self_then in selves:
        start = int(rng.integers(0, 3))
        told.append(
            published_story(
                people[rng.integers(tellers)],
                challenges[rng.integers(len(challenges))],
                by=by,
                traits_then=CATALOGUE.plain(self_then),
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
    return told


def answers(*, seed: int) -> dict[str, object]:
    """Make up what one viewer shared."""
    (person,) = made_up(CATALOGUE, 1, missing=0.3, rng=np.random.default_rng(seed))
    return dict(CATALOGUE.plain(person))
