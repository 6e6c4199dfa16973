from jobs import queue
from jobs.dispatch import periodic_task


@periodic_task(name="jobs.sweep_jobs_task", soft_time_limit=20, time_limit=30)
def sweep_jobs_task() -> None:
    queue.sweep_jobs()
