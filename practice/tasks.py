"""What workers do for the viewer's loop. What learns and judges takes seconds to load, so a worker waits for it only then."""

from django.utils import timezone

from jobs.celery_bridge import periodic_task
from practice import wording


@periodic_task(name="practice.learn_weights_task", soft_time_limit=50 * 60, time_limit=55 * 60)
def learn_weights_task() -> None:
    from practice import learning

    learning.learn(now=timezone.now())


@periodic_task(name="practice.read_stories_task", soft_time_limit=20 * 60, time_limit=25 * 60)
def read_stories_task() -> None:
    wording.read_stories(now=timezone.now())


@periodic_task(name="practice.reckon_benefit_task", soft_time_limit=20 * 60, time_limit=25 * 60)
def reckon_benefit_task() -> None:
    from practice import benefit

    benefit.reckon()


@periodic_task(name="practice.evaluate_task", soft_time_limit=50 * 60, time_limit=55 * 60)
def evaluate_task() -> None:
    from practice import evaluating

    evaluating.appraise(now=timezone.now())
