"""Learn from what viewers report how much each trait should count, and prove it on viewers not learned from."""

from matching.learning.training_set import ReportKind, TrainingExample, TrainingSet, build_training_set
from matching.learning.weight_trial import TrialVerdict, WeightTrial, run_weight_trial
from matching.learning.weights import ALL_DOMAINS, WeightLearner

__all__ = [
    "ALL_DOMAINS",
    "ReportKind",
    "TrainingExample",
    "TrainingSet",
    "TrialVerdict",
    "WeightLearner",
    "WeightTrial",
    "build_training_set",
    "run_weight_trial",
]
