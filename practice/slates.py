"""Choose a few stories for a viewer and a challenge, keep why, and show them again as long as they may be seen."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from accounts.models import Profile, User
from accounts.traits import CATALOGUE
from challenges.models import Challenge, Reading
from matching import (
    Candidate,
    Explanation,
    SlatePolicy,
    StoryFacts,
    ViewerFacts,
    explain,
    slate_seed,
)
from matching import (
    Slate as Composed,
)
from matching.text import with_words
from practice import weights, wording
from practice.index import Ranked, index
from practice.models import Arm, HiddenTeller, SavedStory, Slate, SlateItem, Viewing
from stories.models import Story

SEEN_LATELY = timedelta(days=90)
POLICY = SlatePolicy(CATALOGUE)


class RateFirst(Exception):
    """A slate rests on how sure the viewer is of each rung; there is no reading on this challenge yet."""

    def __init__(self, slug: str) -> None:
        super().__init__("Say first how sure you are of each rung.")
        self.slug = slug


@dataclass(frozen=True)
class Basis:
    """What a slate rests on: as long as none of it changes, asking again gives the same slate."""

    reading: Reading
    profile: Profile
    weights: int | None
    words: str
    at: datetime

    def digest(self, *, catalogue: int = 0) -> str:
        parts = [
            self.reading.pk,
            self.profile.updated_at,
            self.at.date(),
            POLICY.version,
            weights.version_of(self.weights),
            catalogue,
            *([self.words] if self.words else []),
        ]
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def standing(viewer: User, slug: str) -> Reading:
    """Return the viewer's newest reading on an offered challenge, with challenge and profile. Raises RateFirst."""
    readings = Reading.objects.by(viewer).filter(challenge__slug=slug, challenge__offered=True)
    found = readings.select_related("challenge__domain", "person__profile").newest_first()
    newest = wording.with_words(weights.with_weights_in_use(found)).first()
    if newest is None:
        raise RateFirst(slug)
    return newest


def slate_for(reading: Reading, *, now: datetime) -> Slate:
    """Return today's slate for whoever stands where this reading says, composed now if its basis has changed.

    A slate that came out scarce is composed anew as soon as the set of published stories has changed.
    """
    viewer, challenge = reading.person, reading.challenge
    profile = getattr(viewer, "profile", None) or Profile(person=viewer)
    basis = Basis(reading, profile, weights.in_use(reading), wording.words_with(reading), now)
    kept = Slate.objects.of(viewer, challenge)
    return (
        kept.filter(basis=basis.digest()).first()
        or kept.filter(basis=basis.digest(catalogue=index.version())).first()
        or _compose(viewer, challenge, basis)
    )


def items_of(slate: Slate, *, viewer: User) -> list[SlateItem]:
    """Return the slate's stories that the viewer may still see, in order, with what a card needs (one query)."""
    if slate.viewer_id != viewer.pk:
        return []
    return list(
        slate.items.filter(story__in=Story.objects.visible_to(viewer)).select_related(
            "story__challenge", "story__teller", "story__video"
        )
    )


def _compose(viewer: User, challenge: Challenge, basis: Basis) -> Slate:
    """Rank, gate, compose and keep a slate; of two requests at once, one composes and both get the same."""
    profile, catalogue = basis.profile, index.version()
    base = weights.base_weights(basis.weights, domain=challenge.domain.slug)
    found = index.rank(challenge.pk, traits=profile.traits, matters=profile.matters, base=base)
    ranked = {one.match.key: one for one in found}
    facts = facts_of(viewer, basis)
    composed = POLICY.compose(
        _candidates(ranked.values(), challenge, basis.words),
        viewer=facts,
        seed=slate_seed(viewer.pk, challenge.pk, basis.at.date()),
    )
    arm = Arm(composed.arm.value)
    with transaction.atomic():
        slate, created = Slate.objects.get_or_create(
            viewer=viewer,
            challenge=challenge,
            basis=basis.digest(catalogue=catalogue if arm == Arm.SCARCE else 0),
            defaults={
                "reading": basis.reading,
                "arm": arm,
                "eligible": composed.eligible,
                "refused": {reason.value: count for reason, count in composed.refused.items()},
                "policy_version": composed.version,
                "weights_version": weights.version_of(basis.weights),
                "seed": composed.seed,
                "created_at": basis.at,
            },
        )
        if created:
            _keep_items(slate, composed, ranked, basis)
    return slate


def facts_of(viewer: User, basis: Basis) -> ViewerFacts:
    """Return what the gates need to know of a viewer, as plain values."""
    seen = Viewing.objects.by(viewer).filter(started_at__gte=basis.at - SEEN_LATELY)
    ratings = basis.reading.by_position()
    return ViewerFacts(
        person=viewer.pk,
        challenge=basis.reading.challenge_id,
        present_rung=basis.reading.present_rung,
        ladder_length=len(ratings),
        ratings=ratings,
        muted=frozenset(basis.profile.muted),
        languages=frozenset(basis.profile.languages),
        needs_captions=basis.profile.captions_only,
        hidden_tellers=frozenset(
            HiddenTeller.objects.filter(person=viewer).values_list("teller_id", flat=True)
        ),
        seen_recently=frozenset(seen.values_list("story_id", flat=True)),
        saved=frozenset(SavedStory.objects.filter(person=viewer).values_list("story_id", flat=True)),
    )


def _candidates(ranked: Iterable[Ranked], challenge: Challenge, words: str) -> list[Candidate]:
    """Give each ranked story its viewings, which count for freshness, and its nearness to the viewer's words."""
    near = wording.nearness(words)
    watched = Counter(
        dict(
            Viewing.objects.filter(story__challenge=challenge)
            .values_list("story")
            .annotate(times=Count("pk"))
        )
    )

    def counted(facts: StoryFacts) -> StoryFacts:
        return replace(facts, viewings=watched[facts.key])

    def worded(one: Ranked) -> float:
        return with_words(one.match.score, near.get(str(one.match.key), 0.0), share=wording.SHARE)

    return [Candidate(counted(one.entry.facts), worded(one), one.entry.traits) for one in ranked]


def _keep_items(slate: Slate, composed: Composed, ranked: dict[uuid.UUID, Ranked], basis: Basis) -> None:
    shown = dict(Story.objects.filter(pk__in=ranked).values_list("pk", "shown_traits"))
    SlateItem.objects.bulk_create(
        SlateItem(
            slate=slate,
            story_id=item.key,
            position=position,
            score=item.similarity,
            propensity=min(1.0, item.propensity),
            shared=list(said.shared),
            differs=list(said.differs),
        )
        for position, item in enumerate(composed.items, start=1)
        for said in [_say(ranked[item.key], shown.get(item.key, []), basis)]
    )


def _say(ranked: Ranked, shown: Sequence[str], basis: Basis) -> Explanation:
    """Put in words why a story was chosen and what differs, by what its teller agreed to show."""
    facts, traits = ranked.entry.facts, ranked.entry.traits
    start = "Started where you are now." if facts.start_rung == basis.reading.present_rung else ""
    return explain(
        ranked.match,
        basis.profile.traits,
        {key: traits[key] for key in shown if key in traits},
        CATALOGUE,
        starting=start,
    )
