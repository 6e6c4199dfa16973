"""A small world in the database: stories whose tellers agreed to be counted, and viewers who say what was like them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.models import ConsentGrant, ConsentUse, Profile, User
from challenges import rating
from challenges.models import Challenge, Moment
from practice import slates
from practice.models import Slate, Viewing
from stories.models import Story
from tests.people import join
from tests.stories_told import published_story

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORK = ("days", "nights", "shifts", "studying")
PLACES = ("rural", "town", "city")


@dataclass(frozen=True)
class Village:
    """Who told, and who watched."""

    stories: list[Story]
    viewers: list[User]


def agree_to_be_counted(*stories: Story) -> None:
    grants = ConsentGrant.objects.filter(stories__in=stories)
    grants.update(uses=[ConsentUse.MEMBERS, ConsentUse.RESEARCH])


def told(challenge: Challenge, count: int, *, by: User) -> list[Story]:
    """Publish stories by different tellers, who differ in their working hours and in where they live."""
    stories = [
        published_story(
            join(f"teller{number}"),
            challenge,
            by=by,
            start_rung=0,
            end_rung=1,
            model_kind="mastery" if number == count - 1 else "coping",
            traits_then={
                "work_pattern": WORK[number % 4],
                "place": PLACES[number % 3],
                "age": 20 + 5 * number,
            },
        )
        for number in range(count)
    ]
    agree_to_be_counted(*stories)
    return stories


def traits_of(number: int) -> dict[str, str | int]:
    return {"work_pattern": WORK[number % 4], "place": PLACES[(number // 4) % 3], "age": 20 + number}


def viewer(number: int) -> User:
    person = join(f"viewer{number}")
    Profile.objects.create(person=person, traits=traits_of(number))
    return person


def answer(
    person: User, story: Story, like_me: int, *, slate: Slate | None = None, at: datetime = NOW
) -> Viewing:
    return Viewing.objects.create(viewer=person, story=story, slate=slate, started_at=at, like_me=like_me)


def a_village_that_goes_by_working_hours(challenge: Challenge, *, by: User, viewers: int = 36) -> Village:
    """Everybody finds those like themselves who work the same hours, and nothing else counts."""
    stories = told(challenge, 6, by=by)
    people = User.objects.bulk_create(User(email=f"viewer{number}@example.test") for number in range(viewers))
    profiles = Profile.objects.bulk_create(
        Profile(person=person, traits=traits_of(number)) for number, person in enumerate(people)
    )
    Viewing.objects.bulk_create(
        Viewing(
            viewer=profile.person,
            story=story,
            started_at=NOW,
            like_me=(number + place) % 2
            + (8 if story.traits_then["work_pattern"] == profile.traits["work_pattern"] else 3),
        )
        for number, profile in enumerate(profiles)
        for place, story in enumerate(stories)
    )
    return Village(stories, people)


def rate(person: User, challenge: Challenge, sure: int, *, moment: Moment, at: datetime) -> None:
    rating.take(challenge, dict.fromkeys(range(1, 8), sure), by=person, moment=moment, at=at)


def an_evening(
    person: User, challenge: Challenge, *, before: int, after: Mapping[str, int], at: datetime
) -> Slate:
    """Rate, be shown a list, watch all of it, and rate again as the list's arm says; like-me goes with it."""
    rate(person, challenge, before, moment=Moment.BEFORE, at=at)
    slate = slates.slate_for(slates.standing(person, challenge.slug), now=at)
    sure = after[slate.arm]
    for item in slate.items.select_related("story"):
        answer(person, item.story, sure // 10, slate=slate, at=at + timedelta(minutes=5))
    rate(person, challenge, sure, moment=Moment.AFTER, at=at + timedelta(minutes=30))
    return slate
