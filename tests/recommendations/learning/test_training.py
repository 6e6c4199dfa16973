import pytest
from django.core.management import call_command

from accounts.models import ConsentGrant, ConsentUse, User
from audit.models import Event
from challenges.models import Challenge
from recommendations.learning import training, weights
from recommendations.learning.weights import ALL_DOMAINS
from recommendations.models import WeightSet, WeightTrialVerdict
from tests.recommendations.report_factories import (
    NOW,
    ReportWorld,
    create_rated_viewing,
    create_viewer,
    create_world_where_work_pattern_predicts_likeness,
    publish_research_stories,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def report_world(mo: User, the_conversation: Challenge) -> ReportWorld:
    return create_world_where_work_pattern_predicts_likeness(the_conversation, by=mo)


def test_weights_that_predict_likeness_are_learned_and_promoted(report_world: ReportWorld) -> None:
    learned = training.train_weights(now=NOW)

    assert learned.verdict == WeightTrialVerdict.BETTER
    by_trait = learned.weights[ALL_DOMAINS]
    assert by_trait["work_pattern"] == max(by_trait.values())
    assert by_trait["work_pattern"] > 2 * by_trait["age"]
    assert WeightSet.objects.in_use().get() == learned
    assert Event.objects.filter(verb="weights.promoted", subject_id=str(learned.pk)).exists()


def test_the_report_has_counts_and_intervals(report_world: ReportWorld) -> None:
    report = training.train_weights(now=NOW).report

    assert report["viewers"] == len(report_world.viewers)
    assert report["reports"] == len(report_world.viewers) * len(report_world.stories)
    assert report["compared_with"] == "prior-1"
    assert report["gain"]["low"] > 0
    assert report["learned"]["value"] > report["present"]["value"] > report["popularity"]["value"]


def test_learning_from_the_same_data_again_is_not_better(report_world: ReportWorld) -> None:
    first, second = training.train_weights(now=NOW), training.train_weights(now=NOW)

    assert second.verdict == WeightTrialVerdict.NOT_BETTER
    assert second.report["compared_with"] == first.version
    assert WeightSet.objects.in_use().get() == first


def test_training_without_promotion_leaves_the_weights_in_use(report_world: ReportWorld) -> None:
    assert training.train_weights(now=NOW, promote=False).verdict == WeightTrialVerdict.BETTER
    assert not WeightSet.objects.in_use().exists()


def test_stories_without_research_consent_are_left_out(report_world: ReportWorld) -> None:
    ConsentGrant.objects.filter(stories=report_world.stories[0]).update(uses=[ConsentUse.MEMBERS])

    report = training.train_weights(now=NOW).report

    assert report["reports"] == len(report_world.viewers) * (len(report_world.stories) - 1)


def test_made_up_stories_are_left_out(report_world: ReportWorld) -> None:
    for story in report_world.stories:
        type(story).objects.filter(pk=story.pk).update(made_up=True)

    assert training.train_weights(now=NOW).report["reports"] == 0


def test_too_few_viewers_give_no_weights(mo: User, the_conversation: Challenge) -> None:
    stories = publish_research_stories(the_conversation, 3, by=mo)
    ana = create_viewer(0)
    for story, like_me in zip(stories, (2, 5, 9), strict=True):
        create_rated_viewing(ana, story, like_me)

    learned = training.train_weights(now=NOW)

    assert learned.verdict == WeightTrialVerdict.TOO_FEW
    assert not WeightSet.objects.in_use().exists()
    assert weights.base_weights(None, domain="relationships") == {}


def test_the_command_prints_the_report(report_world: ReportWorld, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("learn_weights")

    output = capsys.readouterr().out
    assert "Better for held-out viewers" in output
    assert "Reports: 216. Viewers: 36. Compared with: prior-1." in output
    assert "Popularity, for comparison only" in output
    assert "working hours" in output
    assert "These weights are in use now." in output


def test_the_command_rolls_back_the_weights_in_use(
    report_world: ReportWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    learned = training.train_weights(now=NOW)

    call_command("learn_weights", roll_back=True)

    assert f"Rolled back {learned.version}; now using prior-1." in capsys.readouterr().out
