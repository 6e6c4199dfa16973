"""Periodic tasks that learn from and evaluate recommendations.

Modules that take seconds to import are imported inside the tasks, so that workers start quickly.
"""

from django.utils import timezone

from jobs.dispatch import periodic_task
from recommendations import free_text


@periodic_task(name="recommendations.learn_weights_task", soft_time_limit=50 * 60, time_limit=55 * 60)
def learn_weights_task() -> None:
    from recommendations.learning import training

    training.train_weights(now=timezone.now())


@periodic_task(name="recommendations.rebuild_text_index_task", soft_time_limit=20 * 60, time_limit=25 * 60)
def rebuild_text_index_task() -> None:
    free_text.rebuild_text_index(now=timezone.now())


@periodic_task(
    name="recommendations.recompute_story_effects_task", soft_time_limit=20 * 60, time_limit=25 * 60
)
def recompute_story_effects_task() -> None:
    from recommendations.learning import effects

    effects.recompute_story_effects()


@periodic_task(name="recommendations.evaluate_task", soft_time_limit=50 * 60, time_limit=55 * 60)
def evaluate_task() -> None:
    from recommendations.evaluation import evaluate

    evaluate.run_evaluation(now=timezone.now())
