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

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from matching.engine_contract import Floats
from matching.diversity import MaximalMarginalRelevance
from matching.evaluation.fairness import masks_of_large_groups, measure_neighbour_gap, measure_unfairness
from matching.evaluation.list_metrics import intra_list_diversity, measure_exposure
from matching.evaluation.off_policy import PolicyComparison, compare_with_random
from matching.evaluation.ranking_metrics import (
    measure_prediction_errors,
    ndcg_at_k,
    precision_at_k,
    regression_residuals,
)
from matching.records import Candidate
from matching.traits import Answers
from practice.models import ExperimentArm
from recommendations.evaluation import impressions
from recommendations.evaluation.impressions import LikenessRating, SlateImpression
from recommendations.evaluation.oracle_comparison import compare_with_oracle
from recommendations.index.search_table import annotate_captioned, story_facts
from recommendations.learning.training import estimate_json
from recommendations.models import EvaluationRun
from stories.models import Story

EVALUATION_WINDOW = timedelta(days=365)
LIKE_ME_THRESHOLD = 7
TOP_K = 3
# By what people are told apart: everyday life, and identity where they chose to say it.
GROUPING_TRAITS = ("age", "carer", "first_language_here", "place", "gender", "disability", "faith")
AGE_GROUP_LIMITS = (30, 50, 200)


def run_evaluation(*, now: datetime, since: datetime | None = None) -> EvaluationRun:
    """Judge what was shown in the last year (or since then), and keep the figures."""
    start = since or now - EVALUATION_WINDOW
    shown, rated = impressions.load_impressions(since=start), impressions.load_likeness_ratings(since=start)
    return EvaluationRun.objects.create(
        at=now,
        since=start,
        figures={
            "lists": len(shown),
            "people": len({one.viewer for one in shown}),
            "unmet": unmet_demand(shown),
            "accuracy": _accuracy(rated),
            "precision": _precision(rated),
            "exposure": _exposure(shown),
            "diversity": _diversity(shown),
            "fairness": _fairness(rated),
            "nearness": _neighbour_gaps(shown),
            "likeness_lift": _lift(compare_with_random(impressions.likeness_observations(shown, rated))),
            "confidence_lift": _lift(compare_with_random(impressions.confidence_observations(shown))),
            "oracle": asdict(compare_with_oracle(now=now)),
        },
    )


def unmet_demand(shown: Sequence[SlateImpression]) -> dict[str, int]:
    """Count, by challenge, the people for whom there were fewer than three tellers."""
    wanting = defaultdict(set)
    for one in shown:
        if one.arm == ExperimentArm.SCARCE:
            wanting[one.challenge].add(one.viewer)
    return {challenge: len(people) for challenge, people in sorted(wanting.items())}


def _accuracy(rated: Sequence[LikenessRating]) -> dict[str, float] | None:
    if not rated:
        return None
    found = measure_prediction_errors(*_scores_and_ratings(rated))
    return {
        "mean_error": found.mean_absolute,
        "root_mean_square": found.root_mean_square,
        "without_scores": found.baseline_root_mean_square,
    }


def _precision(rated: Sequence[LikenessRating]) -> dict[str, float] | None:
    by_slate: dict[Any, list[LikenessRating]] = defaultdict(list)
    for one in rated:
        by_slate[one.slate].append(one)
    several = [
        sorted(answers, key=lambda one: -one.score) for answers in by_slate.values() if len(answers) > 1
    ]
    if not several:
        return None
    wanted = [
        frozenset(one.story for one in answers if one.like_me >= LIKE_ME_THRESHOLD) for answers in several
    ]
    precisions = [
        precision_at_k([one.story for one in answers], those, k=TOP_K)
        for answers, those in zip(several, wanted, strict=True)
    ]
    gains = [ndcg_at_k([one.like_me for one in answers], k=TOP_K) for answers in several]
    return {"precision": float(np.mean(precisions)), "ndcg": float(np.mean(gains)), "lists": len(several)}


def _exposure(shown: Sequence[SlateImpression]) -> dict[str, float] | None:
    if not shown:
        return None
    open_to = set(Story.objects.open_to_members().values_list("teller", flat=True))
    found = measure_exposure([[item.teller for item in one.items] for one in shown], available=open_to)
    return {
        "coverage": found.coverage,
        "most_shown": found.most_shown_share,
        "top_percent": found.top_percent_share,
        "gini": found.gini,
    }


def _diversity(shown: Sequence[SlateImpression]) -> float | None:
    wanted = {item.story for one in shown for item in one.items}
    candidates = {
        story.pk: Candidate(story_facts(story), 0.0, parse_stored_answers(story.traits_then))
        for story in annotate_captioned(Story.objects.filter(pk__in=wanted))
    }
    alike = MaximalMarginalRelevance(TRAIT_CATALOGUE, diversity_weight=0).story_similarity
    figures = [
        intra_list_diversity([candidates[item.story] for item in one.items], alike)
        for one in shown
        if len(one.items) > 1
    ]
    return float(np.mean(figures)) if figures else None


def _fairness(rated: Sequence[LikenessRating]) -> dict[str, dict[str, Any]]:
    """Compare the two largest groups of each kind by how far people's answers were from what was foretold."""
    if not rated:
        return {}
    off: dict[Any, list[float]] = defaultdict(list)
    for one, left in zip(rated, regression_residuals(*_scores_and_ratings(rated)).tolist(), strict=True):
        off[one.viewer].append(left)
    mean_off = np.array([float(np.mean(lefts)) for lefts in off.values()])
    found = {}
    for key, groups in _groupings(list(off)).items():
        members = masks_of_large_groups(groups)
        largest = sorted(members, key=lambda name: -int(members[name].sum()))[:2]
        if len(largest) > 1:
            compared = measure_unfairness(mean_off, members[largest[0]], members[largest[1]])
            found[key] = {"between": largest, **asdict(compared)}
    return found


def _neighbour_gaps(shown: Sequence[SlateImpression]) -> dict[str, dict[str, Any]]:
    """Compare between groups how alike the people shown in matched lists were."""
    scores: dict[Any, list[float]] = defaultdict(list)
    for one in shown:
        if one.arm == ExperimentArm.MATCHED:
            scores[one.viewer] += [item.score for item in one.items]
    likeness = np.array([float(np.mean(those)) for those in scores.values()])
    found = {}
    for key, groups in _groupings(list(scores)).items():
        gap = measure_neighbour_gap(likeness, groups)
        if gap is not None:
            nearest = {
                name: estimate_json(estimate) for name, estimate in gap.mean_similarity_by_group.items()
            }
            found[key] = {"nearest": nearest, "widest": estimate_json(gap.largest_difference)}
    return found


def _groupings(viewers: Sequence[uuid.UUID]) -> dict[str, list[str | None]]:
    """Say, for each way of grouping, to which group each viewer belongs, None where they did not say."""
    traits = impressions.viewer_answers(set(viewers))
    return {key: [_group_name(key, traits.get(viewer, {})) for viewer in viewers] for key in GROUPING_TRAITS}


def _group_name(key: str, answers: Answers) -> str | None:
    answer = answers.get(key)
    if isinstance(answer, int | float):
        return next(f"under {age}" for age in AGE_GROUP_LIMITS if answer < age)
    return TRAIT_CATALOGUE[key].format_answer(answer) if isinstance(answer, str) else None


def _lift(comparison: PolicyComparison | None) -> dict[str, Any] | None:
    if comparison is None:
        return None
    return {
        "matched": estimate_json(comparison.matched_mean),
        "random": estimate_json(comparison.random_mean),
        "ips": estimate_json(comparison.lift_ips),
        "snips": estimate_json(comparison.lift_snips),
        "effect": comparison.effect_size,
        "effective": comparison.effective_sample_size,
        "people": comparison.person_count,
        "still_needed": list(comparison.people_still_needed),
    }


def _scores_and_ratings(rated: Sequence[LikenessRating]) -> tuple[Floats, Floats]:
    return np.array([one.score for one in rated]), np.array([one.like_me for one in rated])
