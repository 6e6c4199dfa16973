"""Pages for operators: weights, evaluation, roll-back, job queues."""

import uuid

import pytest
from django.test import Client

from accounts.models import Role, User
from audit.models import Event
from jobs.models import Job, JobState
from jobs.queue import enqueue_job
from recommendations.evaluation import evaluate
from recommendations.learning import weights
from recommendations.models import WeightSet, WeightTrialVerdict
from tests.people import create_person
from tests.recommendations.report_factories import NOW
from tests.web.clients import logged_in_client, reviewer_client
from tests.web.html_pages import parse_page

pytestmark = pytest.mark.django_db
ESTIMATE = {"value": 0.046, "low": 0.009, "high": None, "count": 240}


@pytest.fixture
def operator(db: None) -> User:
    return create_person("ola", Role.OPERATOR)


@pytest.fixture
def operator_client(operator: User) -> Client:
    return reviewer_client(operator)


def promote_weights(weight: float) -> WeightSet:
    report = {"viewers": 240, "reports": 3_092, "compared_with": "prior-1", "gain": ESTIMATE}
    learned = WeightSet.objects.create(
        weights={"": {"age": weight}}, verdict=WeightTrialVerdict.BETTER, report=report, learned_at=NOW
    )
    weights.promote_weights(learned, by="test", now=NOW)
    return learned


def test_matching_performance_answers_404_without_the_role(ana: User, mo: User) -> None:
    for client in (logged_in_client(ana), reviewer_client(mo)):
        assert client.get("/operating/").status_code == 404
        assert client.post("/operating/roll-back/", {"weights": 1}).status_code == 404


def test_operator_needs_a_second_factor(operator: User) -> None:
    assert logged_in_client(operator).get("/operating/")["Location"] == "/accounts/2fa/totp/activate/"


def test_prior_is_shown_before_the_first_evaluation(operator_client: Client) -> None:
    page = parse_page(operator_client.get("/operating/").content)
    assert "The prior: every question counts the same" in page.text
    assert "None yet" in page.text
    assert page.unlabelled == []


def test_learned_weights_are_shown_with_their_interval(operator_client: Client) -> None:
    promote_weights(2.5)

    page_text = parse_page(operator_client.get("/operating/").content).text

    assert "Better for held-out viewers · in use" in page_text
    assert "Answers: 3092. Viewers: 240. Compared with: prior-1." in page_text
    assert "Gain: +0.046 (95% interval: +0.009 to unknown)" in page_text
    assert "age 2.50" in page_text


def test_latest_evaluation_is_shown(operator_client: Client) -> None:
    evaluate.run_evaluation(now=NOW)

    page_text = parse_page(operator_client.get("/operating/").content).text

    assert "The figures below were calculated on 1 Mar 2026, noon" in page_text
    assert "Confidence: matched and random slates" in page_text


def test_operator_rolls_back_to_the_previous_weights(operator_client: Client, operator: User) -> None:
    first, second = promote_weights(2.0), promote_weights(3.0)

    response = operator_client.post("/operating/roll-back/", {"weights": second.pk}, follow=True)

    assert f"{second.version} is no longer in use" in parse_page(response.content).text
    assert WeightSet.objects.in_use().get() == first
    assert Event.objects.filter(verb="weights.rolled_back", actor=str(operator.pk)).exists()


def test_repeated_roll_back_is_applied_once(operator_client: Client) -> None:
    first, second = promote_weights(2.0), promote_weights(3.0)
    for _ in range(2):
        response = operator_client.post("/operating/roll-back/", {"weights": second.pk}, follow=True)

    assert "These weights are not in use." in parse_page(response.content).text
    assert WeightSet.objects.in_use().get() == first


@pytest.mark.parametrize("weights_id", ["", "x", "-1", "999999"])
def test_unknown_weights_answer_404(operator_client: Client, weights_id: str) -> None:
    assert operator_client.post("/operating/roll-back/", {"weights": weights_id}).status_code == 404


def test_account_page_links_to_operations_for_operators_only(operator_client: Client, ana: User) -> None:
    assert "/operating/" in parse_page(operator_client.get("/account/").content).addresses
    assert "/operating/" not in parse_page(logged_in_client(ana).get("/account/").content).addresses


def quarantined_job() -> Job:
    job = enqueue_job("tests.nothing", uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUARANTINED, attempts=3, reason="The worker died 3 times.", finished_at=NOW
    )
    return job


def test_queues_and_quarantined_jobs_are_listed(operator_client: Client) -> None:
    enqueue_job("tests.nothing", uuid.uuid4())
    job = quarantined_job()

    page = parse_page(operator_client.get("/operating/work/").content)

    assert "Captions, deletions and notices 0 1" in page.text
    assert f"{job.subject} failed after 3 attempts: The worker died 3 times." in page.text
    assert page.unlabelled == []


def test_operator_retries_a_quarantined_job(operator_client: Client) -> None:
    job = quarantined_job()
    page_text = [
        parse_page(operator_client.post(f"/operating/work/{job.pk}/retry/", follow=True).content).text
        for _ in range(2)
    ]
    assert "The job is queued again" in page_text[0]
    assert "no longer quarantined" in page_text[1]
    assert Job.objects.filter(subject=job.subject).count() == 2


def test_job_queues_answer_404_without_the_role(ana: User, mo: User) -> None:
    job = quarantined_job()
    for client in (logged_in_client(ana), reviewer_client(mo)):
        assert client.get("/operating/work/").status_code == 404
        assert client.post(f"/operating/work/{job.pk}/retry/").status_code == 404
    assert Job.objects.count() == 1


def test_operator_sees_the_last_canary_and_sends_one(operator_client: Client) -> None:
    assert "Not tested yet." in parse_page(operator_client.get("/operating/work/").content).text

    response = operator_client.post("/operating/work/canary/", follow=True)

    assert "The test recording is on its way" in parse_page(response.content).text
    assert Job.objects.get().kind == "media.canary"
