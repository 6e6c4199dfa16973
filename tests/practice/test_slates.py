import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import profiles
from accounts.models import User
from accounts.profiles import ProfileChange
from accounts.traits import CATALOGUE
from challenges import rating
from challenges.models import Challenge, Moment
from matching import SlatePolicy
from practice import slates, viewings
from practice.index import index_in_use
from practice.models import Arm, HiddenTeller, Slate
from practice.slates import RateFirst, items_of
from stories import publishing
from stories.models import Story
from tests.people import join
from tests.practice.worlds import answers, told_by_many
from tests.stories_told import published_story

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def slate_for(viewer: User, challenge: Challenge, *, now: datetime) -> Slate:
    return slates.slate_for(slates.standing(viewer, challenge.slug), now=now)


def rate(ana: User, challenge: Challenge, *, sure_up_to: int, at: datetime = NOW) -> None:
    ratings = {position: 80 if position <= sure_up_to else 30 for position in range(1, 8)}
    rating.take(challenge, ratings, by=ana, moment=Moment.BEFORE, at=at)


@pytest.fixture
def tellers(db: None) -> list[User]:
    return [join(name) for name in ("bea", "cem", "dee", "eli", "fay")]


@pytest.fixture
def told(tellers: list[User], mo: User, the_conversation: Challenge) -> list[Story]:
    """Five stories by five tellers: four coping and a how-to, all within reach of the first rung."""
    kinds = ["coping", "coping", "coping", "coping", "mastery"]
    return [
        published_story(
            teller,
            the_conversation,
            by=mo,
            title=f"How {teller.handle} said it",
            model_kind=kind,
            start_rung=1,
            end_rung=2,
            traits_then={"age": 30 + 5 * number, "work_pattern": "nights"},
            shown_traits=["age"],
        )
        for number, (teller, kind) in enumerate(zip(tellers, kinds, strict=True))
    ]


@pytest.mark.django_db
class TestChoosing:
    def test_a_slate_needs_to_know_how_sure_the_viewer_is(
        self, ana: User, the_conversation: Challenge
    ) -> None:
        with pytest.raises(RateFirst):
            slate_for(ana, the_conversation, now=NOW)

    def test_a_slate_has_three_or_more_people_coping_first_and_how_to_last(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate(ana, the_conversation, sure_up_to=1)

        items = items_of(slate_for(ana, the_conversation, now=NOW), viewer=ana)

        assert len({item.story.teller_id for item in items}) == len(items) >= 3
        assert [item.story.model_kind for item in items][-1] == "mastery"
        assert {item.story.model_kind for item in items[:-1]} == {"coping"}

    def test_asking_again_gives_the_same_slate(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate(ana, the_conversation, sure_up_to=1)

        first = slate_for(ana, the_conversation, now=NOW)
        again = slate_for(ana, the_conversation, now=NOW + timedelta(hours=2))

        assert first == again

    def test_a_new_answer_about_oneself_gives_a_new_slate(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate(ana, the_conversation, sure_up_to=1)
        first = slate_for(ana, the_conversation, now=NOW)
        profiles.change(ana, ProfileChange(traits={"age": 50}))

        assert slate_for(ana, the_conversation, now=NOW) != first

    def test_the_most_alike_tellers_come_first_into_a_matched_slate(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        profiles.change(ana, ProfileChange(traits={"age": 30}, matters={"age": 4}))
        rate(ana, the_conversation, sure_up_to=1)
        day = NOW
        while (slate := slate_for(ana, the_conversation, now=day)).arm != Arm.MATCHED:
            day += timedelta(days=1)

        assert items_of(slate, viewer=ana)[0].story == told[0]

    def test_reasons_say_only_what_the_teller_agreed_to_show(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        profiles.change(ana, ProfileChange(traits={"age": 30, "work_pattern": "nights"}))
        rate(ana, the_conversation, sure_up_to=1)

        items = items_of(slate_for(ana, the_conversation, now=NOW), viewer=ana)

        said = " ".join(sentence for item in items for sentence in [*item.shared, *item.differs])
        assert "Started where you are now." in said
        assert "older than you" in said
        assert "night" not in said

    def test_what_is_muted_hidden_or_out_of_reach_is_not_chosen(
        self, ana: User, the_conversation: Challenge, told: list[Story], tellers: list[User], mo: User
    ) -> None:
        far = published_story(join("gil"), the_conversation, by=mo, start_rung=1, end_rung=6)
        muted = published_story(join("hal"), the_conversation, by=mo, content_notes=["death"])
        HiddenTeller.objects.create(person=ana, teller=tellers[0], hidden_at=NOW)
        profiles.change(ana, ProfileChange(muted=["death"]))
        rate(ana, the_conversation, sure_up_to=1)

        slate = slate_for(ana, the_conversation, now=NOW)

        chosen = {item.story_id for item in slate.items.all()}
        assert not chosen & {far.pk, muted.pk, told[0].pk}
        assert slate.refused == {"too_far_ahead": 1, "muted_content": 1, "hidden_teller": 1}

    def test_what_was_watched_lately_is_not_chosen_again(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        viewings.start(told[0], by=ana, slate=None, now=NOW - timedelta(days=80))
        rate(ana, the_conversation, sure_up_to=1)

        slate = slate_for(ana, the_conversation, now=NOW)

        assert told[0].pk not in {item.story_id for item in slate.items.all()}
        assert slate.refused == {"seen_recently": 1}

    def test_one_slate_in_about_ten_is_random_and_every_story_has_a_chance(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate(ana, the_conversation, sure_up_to=1)

        drawn = [slate_for(ana, the_conversation, now=NOW + timedelta(days=day)) for day in range(80)]

        arms = Counter(slate.arm for slate in drawn)
        assert 2 <= arms[Arm.RANDOM] <= 20
        assert set(arms) == {Arm.MATCHED, Arm.RANDOM}
        assert all(0 < item.propensity <= 1 for slate in drawn for item in slate.items.all())

    def test_few_stories_are_shown_honestly_and_more_as_soon_as_there_are(
        self, ana: User, bo: User, mo: User, the_conversation: Challenge, tellers: list[User]
    ) -> None:
        published_story(bo, the_conversation, by=mo, start_rung=1)
        rate(ana, the_conversation, sure_up_to=1)
        scarce = slate_for(ana, the_conversation, now=NOW)
        assert scarce.arm == Arm.SCARCE
        assert slate_for(ana, the_conversation, now=NOW) == scarce

        for teller in tellers:
            published_story(teller, the_conversation, by=mo, start_rung=1)

        assert slate_for(ana, the_conversation, now=NOW).arm != Arm.SCARCE


@pytest.mark.django_db
def test_slates_are_the_same_whichever_engine_ranks(
    mo: User, the_conversation: Challenge, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slates, "POLICY", SlatePolicy(CATALOGUE, exploration=0.4))
    told_by_many([the_conversation], tellers=10, stories=24, by=mo, seed=3)
    met = Counter[str]()
    for number in range(4):
        viewer = join(f"viewer{number}")
        facts = ProfileChange(traits=answers(seed=number), matters={"age": 4}, muted=["death"][: number % 2])
        profiles.change(viewer, facts)
        rate(viewer, the_conversation, sure_up_to=number % 3)
        for day in range(6):
            found = []
            for engine in ("scan", "postgres"):
                settings.MATCHING_ENGINE = engine
                slate = slate_for(viewer, the_conversation, now=NOW + timedelta(days=day))
                items = slate.items.values_list(
                    "position", "story", "score", "propensity", "shared", "differs"
                )
                found.append((slate.arm, slate.eligible, slate.refused, slate.seed, [*items]))
                slate.delete()
            assert found[0] == found[1]
            met[found[0][0]] += 1
    assert {Arm.MATCHED, Arm.RANDOM} <= set(met)


@pytest.mark.django_db
class TestShowing:
    def test_a_story_withdrawn_after_the_slate_was_made_is_not_shown(
        self, ana: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate(ana, the_conversation, sure_up_to=1)
        slate = slate_for(ana, the_conversation, now=NOW)
        gone = items_of(slate, viewer=ana)[0].story
        publishing.withdraw(gone, by=gone.teller)

        assert gone not in [item.story for item in items_of(slate, viewer=ana)]

    def test_nobody_sees_somebody_elses_slate(
        self, ana: User, sam: User, the_conversation: Challenge, told: list[Story]
    ) -> None:
        rate(ana, the_conversation, sure_up_to=1)

        assert items_of(slate_for(ana, the_conversation, now=NOW), viewer=sam) == []


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_composes_and_all_get_the_same(
    ana: User, the_conversation: Challenge, told: list[Story]
) -> None:
    rate(ana, the_conversation, sure_up_to=1)
    start, got = threading.Barrier(6), []

    def ask() -> None:
        start.wait()
        got.append(slate_for(ana, the_conversation, now=NOW).pk)
        connection.close()

    askers = [threading.Thread(target=ask) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert len(got) == 6
    assert len(set(got)) == 1
    assert Slate.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("engine", ["scan", "postgres"])
def test_composing_asks_the_database_as_much_among_few_stories_as_among_many(
    ana: User,
    mo: User,
    the_conversation: Challenge,
    told: list[Story],
    engine: str,
    settings: Settings,
) -> None:
    settings.MATCHING_ENGINE = engine
    rate(ana, the_conversation, sure_up_to=1)

    def asked(day: int) -> int:
        index_in_use().version()
        reading = slates.standing(ana, the_conversation.slug)
        with CaptureQueriesContext(connection) as queries:
            slates.slate_for(reading, now=NOW + timedelta(days=day))
        return len(queries)

    few = asked(0)
    told_by_many([the_conversation], tellers=9, stories=24, by=mo, seed=3)
    asked(1)  # reads the challenge anew
    assert asked(3) <= few <= 24
