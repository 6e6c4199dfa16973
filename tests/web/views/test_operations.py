"""The operators' page: weights in use, trials and figures, and the way back; for nobody else."""

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
def ola(db: None) -> User:
    return create_person("ola", Role.OPERATOR)


@pytest.fixture
def desk(ola: User) -> Client:
    return reviewer_client(ola)


def promote_weights(weight: float) -> WeightSet:
    report = {"viewers": 240, "reports": 3_092, "compared_with": "prior-1", "gain": ESTIMATE}
    learned = WeightSet.objects.create(
        weights={"": {"age": weight}}, verdict=WeightTrialVerdict.BETTER, report=report, learned_at=NOW
    )
    weights.promote_weights(learned, by="test", now=NOW)
    return learned


def test_to_everybody_else_the_page_does_not_exist(ana: User, mo: User) -> None:
    for browser in (logged_in_client(ana), reviewer_client(mo)):
        assert browser.get("/operating/").status_code == 404
        assert browser.post("/operating/roll-back/", {"weights": 1}).status_code == 404


def test_an_operator_needs_a_second_factor(ola: User) -> None:
    assert logged_in_client(ola).get("/operating/")["Location"] == "/accounts/2fa/totp/activate/"


def test_at_first_the_prior_is_in_use_and_there_are_no_figures(desk: Client) -> None:
    page = parse_page(desk.get("/operating/").content)
    assert "The prior: every question counts the same" in page.text
    assert "None yet" in page.text
    assert page.unlabelled == []


def test_what_was_learned_is_shown_with_how_sure_it_is(desk: Client) -> None:
    promote_weights(2.5)

    words = parse_page(desk.get("/operating/").content).text

    assert "Better on viewers left out · in use" in words
    assert "Answers: 3092. Viewers: 240. Compared with: prior-1." in words
    assert "Gain: +0.046 (95 %: +0.009 to not known)" in words
    assert "age 2.50" in words


def test_figures_are_those_of_the_latest_appraisal(desk: Client) -> None:
    evaluate.run_evaluation(now=NOW)

    words = parse_page(desk.get("/operating/").content).text

    assert "The figures below were calculated on 1 Mar 2026, noon" in words
    assert "Confidence: matched against chance" in words


def test_an_operator_goes_back_to_the_weights_before(desk: Client, ola: User) -> None:
    first, second = promote_weights(2.0), promote_weights(3.0)

    answer = desk.post("/operating/roll-back/", {"weights": second.pk}, follow=True)

    assert f"{second.version} is no longer in use" in parse_page(answer.content).text
    assert WeightSet.objects.in_use().get() == first
    assert Event.objects.filter(verb="weights.rolled_back", actor=str(ola.pk)).exists()


def test_going_back_twice_by_mistake_goes_back_once(desk: Client) -> None:
    first, second = promote_weights(2.0), promote_weights(3.0)
    for _ in range(2):
        answer = desk.post("/operating/roll-back/", {"weights": second.pk}, follow=True)

    assert "not the ones in use" in parse_page(answer.content).text
    assert WeightSet.objects.in_use().get() == first


@pytest.mark.parametrize("sent", ["", "x", "-1", "999999"])
def test_weights_that_do_not_exist_are_not_found(desk: Client, sent: str) -> None:
    assert desk.post("/operating/roll-back/", {"weights": sent}).status_code == 404


def test_an_operator_finds_the_page_from_the_account(desk: Client, ana: User) -> None:
    assert "/operating/" in parse_page(desk.get("/account/").content).addresses
    assert "/operating/" not in parse_page(logged_in_client(ana).get("/account/").content).addresses


def set_aside() -> Job:
    job = enqueue_job("tests.nothing", uuid.uuid4())
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUARANTINED, attempts=3, reason="The worker died 3 times.", finished_at=NOW
    )
    return job


def test_the_work_is_shown_queue_by_queue_with_what_was_set_aside(desk: Client) -> None:
    enqueue_job("tests.nothing", uuid.uuid4())
    job = set_aside()

    page = parse_page(desk.get("/operating/work/").content)

    assert "Captions, deletions, notices 0 1" in page.text
    assert f"{job.subject} failed after 3 attempts: The worker died 3 times." in page.text
    assert page.unlabelled == []


def test_an_operator_has_work_tried_again(desk: Client) -> None:
    job = set_aside()
    words = [
        parse_page(desk.post(f"/operating/work/{job.pk}/retry/", follow=True).content).text for _ in range(2)
    ]
    assert "The job is queued again" in words[0]
    assert "not set aside any more" in words[1]
    assert Job.objects.filter(subject=job.subject).count() == 2


def test_to_everybody_else_the_work_does_not_exist(ana: User, mo: User) -> None:
    job = set_aside()
    for browser in (logged_in_client(ana), reviewer_client(mo)):
        assert browser.get("/operating/work/").status_code == 404
        assert browser.post(f"/operating/work/{job.pk}/retry/").status_code == 404
    assert Job.objects.count() == 1


def test_an_operator_sees_whether_recordings_get_through_and_sends_one_of_ours(desk: Client) -> None:
    assert "Not tried yet." in parse_page(desk.get("/operating/work/").content).text

    answer = desk.post("/operating/work/canary/", follow=True)

    assert "The test recording is on its way" in parse_page(answer.content).text
    assert Job.objects.get().kind == "media.canary"
