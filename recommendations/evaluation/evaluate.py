"""Offline evaluation from the impression log: accuracy, diversity, fairness, exposure, and lift over random slates.

All figures are aggregates. Groups of fewer than twenty people are left out, and only stories whose tellers consented to
research are included.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.utils.translation import gettext

from accounts.traits.catalogue import TRAIT_CATALOGUE, parse_stored_answers
from matching.diversity import MaximalMarginalRelevance
from matching.engine_contract import Floats
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
from recommendations.evaluation import impressions as impression_log
from recommendations.evaluation.impressions import LikenessRating, SlateImpression
from recommendations.evaluation.oracle_comparison import compare_with_oracle
from recommendations.index.search_table import annotate_captioned, story_facts
from recommendations.learning.training import estimate_json
from recommendations.models import EvaluationRun
from stories.models import Story

EVALUATION_WINDOW = timedelta(days=365)
LIKE_ME_THRESHOLD = 7
TOP_K = 3
# Traits from everyday life, and identity traits that people chose to answer.
GROUPING_TRAITS = ("age", "carer", "first_language_here", "place", "gender", "disability", "faith")
AGE_GROUP_LIMITS = (30, 50, 200)


def run_evaluation(*, now: datetime, since: datetime | None = None) -> EvaluationRun:
    """Evaluate what was shown in the last year (or since `since`), and store the figures."""
    start = since or now - EVALUATION_WINDOW
    impressions = impression_log.load_impressions(since=start)
    ratings = impression_log.load_likeness_ratings(since=start)
    likeness_observations = impression_log.likeness_observations(impressions, ratings)
    confidence_observations = impression_log.confidence_observations(impressions)
    return EvaluationRun.objects.create(
        at=now,
        since=start,
        figures={
            "lists": len(impressions),
            "people": len({impression.viewer for impression in impressions}),
            "unmet": unmet_demand(impressions),
            "accuracy": _accuracy(ratings),
            "precision": _precision(ratings),
            "exposure": _exposure(impressions),
            "diversity": _diversity(impressions),
            "fairness": _fairness(ratings),
            "nearness": _neighbour_gaps(impressions),
            "likeness_lift": _lift(compare_with_random(likeness_observations)),
            "confidence_lift": _lift(compare_with_random(confidence_observations)),
            "oracle": asdict(compare_with_oracle(now=now)),
        },
    )


def unmet_demand(impressions: Sequence[SlateImpression]) -> dict[str, int]:
    """Count, by challenge, the people for whom there were fewer than three tellers."""
    viewers_by_challenge = defaultdict(set)
    for impression in impressions:
        if impression.arm == ExperimentArm.SCARCE:
            viewers_by_challenge[impression.challenge].add(impression.viewer)
    return {challenge: len(viewers) for challenge, viewers in sorted(viewers_by_challenge.items())}


def _accuracy(ratings: Sequence[LikenessRating]) -> dict[str, float] | None:
    if not ratings:
        return None
    errors = measure_prediction_errors(*_scores_and_answers(ratings))
    return {
        "mean_error": errors.mean_absolute,
        "root_mean_square": errors.root_mean_square,
        "without_scores": errors.baseline_root_mean_square,
    }


def _precision(ratings: Sequence[LikenessRating]) -> dict[str, float] | None:
    """Return precision and NDCG over the slates with at least two ratings."""
    by_slate: dict[Any, list[LikenessRating]] = defaultdict(list)
    for rating in ratings:
        by_slate[rating.slate].append(rating)
    rankings = [
        sorted(slate_ratings, key=lambda rating: -rating.score)
        for slate_ratings in by_slate.values()
        if len(slate_ratings) > 1
    ]
    if not rankings:
        return None
    precisions = [
        precision_at_k(
            [rating.story for rating in ranking],
            frozenset(rating.story for rating in ranking if rating.like_me >= LIKE_ME_THRESHOLD),
            k=TOP_K,
        )
        for ranking in rankings
    ]
    gains = [ndcg_at_k([rating.like_me for rating in ranking], k=TOP_K) for ranking in rankings]
    return {"precision": float(np.mean(precisions)), "ndcg": float(np.mean(gains)), "lists": len(rankings)}


def _exposure(impressions: Sequence[SlateImpression]) -> dict[str, float] | None:
    if not impressions:
        return None
    available = set(Story.objects.open_to_members().values_list("teller", flat=True))
    shown = [[item.teller for item in impression.items] for impression in impressions]
    exposure = measure_exposure(shown, available=available)
    return {
        "coverage": exposure.coverage,
        "most_shown": exposure.most_shown_share,
        "top_percent": exposure.top_percent_share,
        "gini": exposure.gini,
    }


def _diversity(impressions: Sequence[SlateImpression]) -> float | None:
    shown = {item.story for impression in impressions for item in impression.items}
    candidates = {
        story.pk: Candidate(story_facts(story), 0.0, parse_stored_answers(story.traits_then))
        for story in annotate_captioned(Story.objects.filter(pk__in=shown))
    }
    story_similarity = MaximalMarginalRelevance(TRAIT_CATALOGUE, diversity_weight=0).story_similarity
    diversities = [
        intra_list_diversity([candidates[item.story] for item in impression.items], story_similarity)
        for impression in impressions
        if len(impression.items) > 1
    ]
    return float(np.mean(diversities)) if diversities else None


def _fairness(ratings: Sequence[LikenessRating]) -> dict[str, dict[str, Any]]:
    """Compare the prediction errors of the two largest groups by each trait."""
    if not ratings:
        return {}
    residuals_by_viewer: dict[Any, list[float]] = defaultdict(list)
    residuals = regression_residuals(*_scores_and_answers(ratings)).tolist()
    for rating, residual in zip(ratings, residuals, strict=True):
        residuals_by_viewer[rating.viewer].append(residual)
    mean_residuals = np.array([float(np.mean(values)) for values in residuals_by_viewer.values()])
    comparisons = {}
    for trait_key, groups in _groupings(list(residuals_by_viewer)).items():
        masks = masks_of_large_groups(groups)
        largest = sorted(masks, key=lambda name: -int(masks[name].sum()))[:2]
        if len(largest) > 1:
            unfairness = measure_unfairness(mean_residuals, masks[largest[0]], masks[largest[1]])
            comparisons[trait_key] = {"between": largest, **asdict(unfairness)}
    return comparisons


def _neighbour_gaps(impressions: Sequence[SlateImpression]) -> dict[str, dict[str, Any]]:
    """Compare the similarity of matched tellers between groups of viewers."""
    scores_by_viewer: dict[Any, list[float]] = defaultdict(list)
    for impression in impressions:
        if impression.arm == ExperimentArm.MATCHED:
            scores_by_viewer[impression.viewer] += [item.score for item in impression.items]
    mean_scores = np.array([float(np.mean(scores)) for scores in scores_by_viewer.values()])
    gaps = {}
    for trait_key, groups in _groupings(list(scores_by_viewer)).items():
        gap = measure_neighbour_gap(mean_scores, groups)
        if gap is not None:
            mean_by_group = {
                name: estimate_json(estimate) for name, estimate in gap.mean_similarity_by_group.items()
            }
            gaps[trait_key] = {"nearest": mean_by_group, "widest": estimate_json(gap.largest_difference)}
    return gaps


def _groupings(viewers: Sequence[uuid.UUID]) -> dict[str, list[str | None]]:
    """Return, by trait, the group of each viewer; None for viewers without an answer."""
    answers = impression_log.viewer_answers(set(viewers))
    return {key: [_group_name(key, answers.get(viewer, {})) for viewer in viewers] for key in GROUPING_TRAITS}


def _group_name(trait_key: str, answers: Answers) -> str | None:
    answer = answers.get(trait_key)
    if isinstance(answer, int | float):
        limit = next(limit for limit in AGE_GROUP_LIMITS if answer < limit)
        return gettext("under %(age)s") % {"age": limit}
    return TRAIT_CATALOGUE[trait_key].format_answer(answer) if isinstance(answer, str) else None


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


def _scores_and_answers(ratings: Sequence[LikenessRating]) -> tuple[Floats, Floats]:
    return np.array([rating.score for rating in ratings]), np.array([rating.like_me for rating in ratings])
