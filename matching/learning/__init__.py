"""Learns trait weights from viewers' reports and validates them on left-out viewers."""

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
