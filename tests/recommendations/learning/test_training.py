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
def village(mo: User, the_conversation: Challenge) -> ReportWorld:
    return create_world_where_work_pattern_predicts_likeness(the_conversation, by=mo)


def test_what_people_go_by_is_learned_and_put_to_use(village: ReportWorld) -> None:
    learned = training.train_weights(now=NOW)

    assert learned.verdict == WeightTrialVerdict.BETTER
    by_trait = learned.weights[ALL_DOMAINS]
    assert by_trait["work_pattern"] == max(by_trait.values())
    assert by_trait["work_pattern"] > 2 * by_trait["age"]
    assert WeightSet.objects.in_use().get() == learned
    assert Event.objects.filter(verb="weights.promoted", subject_id=str(learned.pk)).exists()


def test_the_report_says_from_what_and_how_sure(village: ReportWorld) -> None:
    report = training.train_weights(now=NOW).report

    assert report["viewers"] == len(village.viewers)
    assert report["reports"] == len(village.viewers) * len(village.stories)
    assert report["compared_with"] == "prior-1"
    assert report["gain"]["low"] > 0
    assert report["learned"]["value"] > report["present"]["value"] > report["popularity"]["value"]


def test_learning_again_from_the_same_is_not_better_than_what_is_in_use(village: ReportWorld) -> None:
    first, again = training.train_weights(now=NOW), training.train_weights(now=NOW)

    assert again.verdict == WeightTrialVerdict.NOT_BETTER
    assert again.report["compared_with"] == first.version
    assert WeightSet.objects.in_use().get() == first


def test_trying_changes_nothing(village: ReportWorld) -> None:
    assert training.train_weights(now=NOW, promote=False).verdict == WeightTrialVerdict.BETTER
    assert not WeightSet.objects.in_use().exists()


def test_stories_whose_tellers_did_not_agree_to_be_counted_are_not(village: ReportWorld) -> None:
    ConsentGrant.objects.filter(stories=village.stories[0]).update(uses=[ConsentUse.MEMBERS])

    report = training.train_weights(now=NOW).report

    assert report["reports"] == len(village.viewers) * (len(village.stories) - 1)


def test_made_up_stories_teach_nothing(village: ReportWorld) -> None:
    for story in village.stories:
        type(story).objects.filter(pk=story.pk).update(made_up=True)

    assert training.train_weights(now=NOW).report["reports"] == 0


def test_few_viewers_change_nothing_and_are_kept_as_such(mo: User, the_conversation: Challenge) -> None:
    stories = publish_research_stories(the_conversation, 3, by=mo)
    ana = create_viewer(0)
    for story, like_me in zip(stories, (2, 5, 9), strict=True):
        create_rated_viewing(ana, story, like_me)

    learned = training.train_weights(now=NOW)

    assert learned.verdict == WeightTrialVerdict.TOO_FEW
    assert not WeightSet.objects.in_use().exists()
    assert weights.base_weights(None, domain="relationships") == {}


def test_the_command_explains_what_was_learned(
    village: ReportWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("learn_weights")

    said = capsys.readouterr().out
    assert "Better on viewers left out. 216 reports by 36 viewers, compared with prior-1." in said
    assert "Popularity, for comparison only" in said
    assert "working hours" in said
    assert "In use from now on." in said


def test_the_command_takes_back_what_is_in_use(
    village: ReportWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    learned = training.train_weights(now=NOW)

    call_command("learn_weights", roll_back=True)

    assert f"Rolled back {learned.version}; now using prior-1." in capsys.readouterr().out
