"""Learn from what viewers report how much each trait should count, and prove it on viewers not learned from."""

from matching.learning.evidence import Evidence, Kind, Told, gather
from matching.learning.trial import Trial, Verdict, hold_trial
from matching.learning.weights import POOLED, WeightLearner

__all__ = ["POOLED", "Evidence", "Kind", "Told", "Trial", "Verdict", "WeightLearner", "gather", "hold_trial"]
