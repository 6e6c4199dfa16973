"""Judge by the log how stories were chosen: foretold, diverse, fair, spread out, and better than by chance or not.

Figures are about many. Groups of fewer than twenty people are not spoken of, and only stories whose tellers agreed to
be counted are counted.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from accounts.traits import CATALOGUE, read
from matching.engines.contract import Floats
from matching.evaluation.fairness import large_enough, neighbour_gap, unfairness
from matching.evaluation.lists import diversity, exposure
from matching.evaluation.policies import Comparison, compare
from matching.evaluation.rankings import errors, ndcg_at, precision_at, residuals
from matching.relevance import Candidate, Diversity
from matching.traits import Answers
from practice import lists
from practice.enrolling import facts_of, with_captions
from practice.learning import plain
from practice.lists import Rated, Shown
from practice.models import Appraisal, Arm
from stories.models import Story

WINDOW = timedelta(days=365)
LIKE_ME = 7
FIRST = 3
# By what people are told apart: everyday life, and identity where they chose to say it.
GROUPED_BY = ("age", "carer", "first_language_here", "place", "gender", "disability", "faith")
AGES = (30, 50, 200)


def appraise(*, now: datetime, since: datetime | None = None) -> Appraisal:
    """Judge what was shown in the last year (or since then), and keep the figures."""
    start = since or now - WINDOW
    shown, rated = lists.shown(since=start), lists.rated(since=start)
    return Appraisal.objects.create(
        at=now,
        since=start,
        figures={
            "lists": len(shown),
            "people": len({one.viewer for one in shown}),
            "unmet": unmet(shown),
            "accuracy": _accuracy(rated),
            "precision": _precision(rated),
            "exposure": _exposure(shown),
            "diversity": _diversity(shown),
            "fairness": _fairness(rated),
            "nearness": _nearness(shown),
            "likeness_lift": _lift(compare(lists.likeness_logged(shown, rated))),
            "confidence_lift": _lift(compare(lists.confidence_logged(shown))),
        },
    )


def unmet(shown: Sequence[Shown]) -> dict[str, int]:
    """Count, by challenge, the people for whom there were fewer than three tellers."""
    wanting = defaultdict(set)
    for one in shown:
        if one.arm == Arm.SCARCE:
            wanting[one.challenge].add(one.viewer)
    return {challenge: len(people) for challenge, people in sorted(wanting.items())}


def _accuracy(rated: Sequence[Rated]) -> dict[str, float] | None:
    if not rated:
        return None
    found = errors(*_arrays(rated))
    return {
        "mean_error": found.mean,
        "root_mean_square": found.root_mean_square,
        "without_scores": found.without_scores,
    }


def _precision(rated: Sequence[Rated]) -> dict[str, float] | None:
    by_slate: dict[Any, list[Rated]] = defaultdict(list)
    for one in rated:
        by_slate[one.slate].append(one)
    several = [
        sorted(answers, key=lambda one: -one.score) for answers in by_slate.values() if len(answers) > 1
    ]
    if not several:
        return None
    wanted = [frozenset(one.story for one in answers if one.like_me >= LIKE_ME) for answers in several]
    precisions = [
        precision_at([one.story for one in answers], those, k=FIRST)
        for answers, those in zip(several, wanted, strict=True)
    ]
    gains = [ndcg_at([one.like_me for one in answers], k=FIRST) for answers in several]
    return {"precision": float(np.mean(precisions)), "ndcg": float(np.mean(gains)), "lists": len(several)}


def _exposure(shown: Sequence[Shown]) -> dict[str, float] | None:
    if not shown:
        return None
    open_to = set(Story.objects.open_to_members().values_list("teller", flat=True))
    found = exposure([[item.teller for item in one.items] for one in shown], available=open_to)
    return {
        "coverage": found.coverage,
        "most_shown": found.most_shown,
        "top_percent": found.top_percent,
        "gini": found.gini,
    }


def _diversity(shown: Sequence[Shown]) -> float | None:
    wanted = {item.story for one in shown for item in one.items}
    candidates = {
        story.pk: Candidate(facts_of(story), 0.0, read(story.traits_then))
        for story in with_captions(Story.objects.filter(pk__in=wanted))
    }
    alike = Diversity(CATALOGUE, share=0).likeness
    figures = [
        diversity([candidates[item.story] for item in one.items], alike)
        for one in shown
        if len(one.items) > 1
    ]
    return float(np.mean(figures)) if figures else None


def _fairness(rated: Sequence[Rated]) -> dict[str, dict[str, Any]]:
    """Compare the two largest groups of each kind by how far people's answers were from what was foretold."""
    if not rated:
        return {}
    off: dict[Any, list[float]] = defaultdict(list)
    for one, left in zip(rated, residuals(*_arrays(rated)).tolist(), strict=True):
        off[one.viewer].append(left)
    mean_off = np.array([float(np.mean(lefts)) for lefts in off.values()])
    found = {}
    for key, groups in _groupings(list(off)).items():
        members = large_enough(groups)
        largest = sorted(members, key=lambda name: -int(members[name].sum()))[:2]
        if len(largest) > 1:
            compared = unfairness(mean_off, members[largest[0]], members[largest[1]])
            found[key] = {"between": largest, **asdict(compared)}
    return found


def _nearness(shown: Sequence[Shown]) -> dict[str, dict[str, Any]]:
    """Compare between groups how alike the people shown in matched lists were."""
    scores: dict[Any, list[float]] = defaultdict(list)
    for one in shown:
        if one.arm == Arm.MATCHED:
            scores[one.viewer] += [item.score for item in one.items]
    likeness = np.array([float(np.mean(those)) for those in scores.values()])
    found = {}
    for key, groups in _groupings(list(scores)).items():
        gap = neighbour_gap(likeness, groups)
        if gap is not None:
            nearest = {name: plain(estimate) for name, estimate in gap.nearest.items()}
            found[key] = {"nearest": nearest, "widest": plain(gap.widest)}
    return found


def _groupings(viewers: Sequence[uuid.UUID]) -> dict[str, list[str | None]]:
    """Say, for each way of grouping, to which group each viewer belongs, None where they did not say."""
    traits = lists.traits_of(set(viewers))
    return {key: [_group(key, traits.get(viewer, {})) for viewer in viewers] for key in GROUPED_BY}


def _group(key: str, answers: Answers) -> str | None:
    answer = answers.get(key)
    if isinstance(answer, int | float):
        return next(f"under {age}" for age in AGES if answer < age)
    return CATALOGUE[key].say(answer) if isinstance(answer, str) else None


def _lift(comparison: Comparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "matched": plain(comparison.matched),
        "random": plain(comparison.random),
        "ips": plain(comparison.lift_ips),
        "snips": plain(comparison.lift_snips),
        "effect": comparison.effect,
        "effective": comparison.effective,
        "people": comparison.people,
        "still_needed": list(comparison.still_needed),
    }


def _arrays(rated: Sequence[Rated]) -> tuple[Floats, Floats]:
    return np.array([one.score for one in rated]), np.array([one.like_me for one in rated])
