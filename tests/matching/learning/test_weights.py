import numpy as np
import pytest

from matching.learning.training_set import ReportKind, TrainingExample, TrainingSet, build_training_set
from matching.learning.weights import (
    ALL_DOMAINS,
    MIN_RELATIVE_WEIGHT,
    WeightLearner,
    score_with_weights,
    solve_non_negative_ridge,
)
from matching.similarity import Contribution

TRAITS = ("age", "work", "support", "likes")


def simulated_training_set(
    true_weights: dict[str, dict[str, float]], *, viewers: int = 80, noise: float = 0.5, seed: int = 0
) -> TrainingSet:
    """Viewers report on eight tellers each; likeness follows the true weights of the domain, plus noise."""
    rng = np.random.default_rng(seed)
    examples = []
    for viewer in range(viewers):
        for domain, weights in true_weights.items():
            for teller in rng.permutation(40)[:8].tolist():
                similarities = rng.random(len(TRAITS))
                likeness = sum(
                    weights.get(trait, 0) * similarity
                    for trait, similarity in zip(TRAITS, similarities, strict=True)
                )
                contributions = [
                    Contribution(trait, similarity, 1 / len(TRAITS), known=True)
                    for trait, similarity in zip(TRAITS, similarities, strict=True)
                ]
                examples.append(
                    TrainingExample(
                        viewer,
                        teller,
                        domain,
                        ReportKind.LIKENESS,
                        contributions,
                        likeness + noise * rng.normal(),
                    )
                )
    return build_training_set(examples, traits=TRAITS)


def test_the_ridge_equals_exact_non_negative_least_squares() -> None:
    from scipy.optimize import nnls

    rng = np.random.default_rng(3)
    columns, values = rng.normal(size=(200, 6)), rng.normal(size=200)
    values += columns[:, 1] - columns[:, 2]
    for alpha in (0.1, 10, 1_000):
        penalty = np.sqrt(alpha) * np.eye(6)
        expected, _ = nnls(np.vstack([columns, penalty]), np.concatenate([values, np.zeros(6)]))
        coefficients = solve_non_negative_ridge(columns, values, alpha=alpha)
        assert np.allclose(coefficients, expected, atol=1e-5)
        assert coefficients.min() >= 0
        assert coefficients.max() > 0


def test_planted_weights_are_recovered() -> None:
    learned = (
        WeightLearner().fit(simulated_training_set({"": {"work": 2, "support": 1}})).weights_[ALL_DOMAINS]
    )

    assert learned["work"] / learned["support"] == pytest.approx(2, rel=0.2)
    assert max(learned["age"], learned["likes"]) < learned["support"] / 2


def test_every_weight_stays_positive_and_the_mean_is_1() -> None:
    learned = WeightLearner().fit(simulated_training_set({"": {"work": 2, "age": -2}})).weights_[ALL_DOMAINS]

    assert all(weight >= MIN_RELATIVE_WEIGHT / 2 for weight in learned.values())
    assert np.mean(list(learned.values())) == pytest.approx(1, abs=1e-3)


def test_a_stronger_penalty_brings_weights_closer_to_the_prior() -> None:
    training_set = simulated_training_set({"": {"work": 1, "support": 0.3}})

    def away(strength: float) -> float:
        learned = WeightLearner(strengths=[strength]).fit(training_set).weights_[ALL_DOMAINS]
        return max(abs(weight - 1) for weight in learned.values())

    assert away(0.01) > away(10) > away(10_000)
    assert away(10_000) < 0.05


def test_domains_with_different_true_weights_get_different_weights() -> None:
    learned = (
        WeightLearner()
        .fit(simulated_training_set({"speaking": {"work": 2}, "health": {"work": 1, "support": 2}}))
        .weights_
    )

    assert learned["health"]["support"] > 1.5 * learned["speaking"]["support"]
    assert learned["speaking"]["work"] > learned["health"]["work"]


def test_a_domain_without_reports_gets_the_pooled_weights() -> None:
    weights = {
        ALL_DOMAINS: dict.fromkeys(TRAITS, 1.0),
        "speaking": {**dict.fromkeys(TRAITS, 0.0), "work": 1.0},
    }
    training_set = simulated_training_set({"health": {"work": 1}}, viewers=3)

    assert np.allclose(score_with_weights(weights, training_set), training_set.contributions.sum(axis=1))


def test_learning_is_deterministic() -> None:
    training_set = simulated_training_set({"": {"work": 1}}, viewers=20)

    assert WeightLearner().fit(training_set).weights_ == WeightLearner().fit(training_set).weights_
