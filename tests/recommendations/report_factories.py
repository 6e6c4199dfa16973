"""Creates stories with consent to research, and viewers who report likeness and confidence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from accounts.models import ConsentGrant, ConsentUse, Profile, User
from challenges import readings
from challenges.models import Challenge, ReadingMoment
from practice.models import Slate, Viewing
from recommendations import slates
from stories.models import Story
from tests.people import create_person
from tests.story_factories import create_published_story

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORK_PATTERNS = ("days", "nights", "shifts", "studying")
PLACES = ("rural", "town", "city")


@dataclass(frozen=True)
class ReportWorld:
    stories: list[Story]
    viewers: list[User]


def grant_research_consent(*stories: Story) -> None:
    grants = ConsentGrant.objects.filter(stories__in=stories)
    grants.update(uses=[ConsentUse.MEMBERS, ConsentUse.RESEARCH])


def publish_research_stories(challenge: Challenge, count: int, *, by: User) -> list[Story]:
    """Publish stories by different tellers, whose working hours, places and ages differ."""
    stories = [
        create_published_story(
            create_person(f"teller{number}"),
            challenge,
            by=by,
            start_rung=0,
            end_rung=1,
            model_kind="mastery" if number == count - 1 else "coping",
            traits_then={
                "work_pattern": WORK_PATTERNS[number % 4],
                "place": PLACES[number % 3],
                "age": 20 + 5 * number,
            },
        )
        for number in range(count)
    ]
    grant_research_consent(*stories)
    return stories


def traits_for(number: int) -> dict[str, str | int]:
    return {"work_pattern": WORK_PATTERNS[number % 4], "place": PLACES[(number // 4) % 3], "age": 20 + number}


def create_viewer(number: int) -> User:
    person = create_person(f"viewer{number}")
    Profile.objects.create(person=person, traits=traits_for(number))
    return person


def create_rated_viewing(
    person: User, story: Story, like_me: int, *, slate: Slate | None = None, at: datetime = NOW
) -> Viewing:
    return Viewing.objects.create(viewer=person, story=story, slate=slate, started_at=at, like_me=like_me)


def create_world_where_work_pattern_predicts_likeness(
    challenge: Challenge, *, by: User, viewers: int = 36
) -> ReportWorld:
    """Viewers rate tellers with the same working hours as like them; no other trait matters."""
    stories = publish_research_stories(challenge, 6, by=by)
    people = User.objects.bulk_create(User(email=f"viewer{number}@example.test") for number in range(viewers))
    profiles = Profile.objects.bulk_create(
        Profile(person=person, traits=traits_for(number)) for number, person in enumerate(people)
    )
    Viewing.objects.bulk_create(
        Viewing(
            viewer=profile.person,
            story=story,
            started_at=NOW,
            like_me=(number + position) % 2
            + (8 if story.traits_then["work_pattern"] == profile.traits["work_pattern"] else 3),
        )
        for number, profile in enumerate(profiles)
        for position, story in enumerate(stories)
    )
    return ReportWorld(stories, people)


def take_reading(
    person: User, challenge: Challenge, sure: int, *, moment: ReadingMoment, at: datetime
) -> None:
    readings.record_reading(challenge, dict.fromkeys(range(1, 8), sure), by=person, moment=moment, at=at)


def watch_slate_and_rate(
    person: User, challenge: Challenge, *, before: int, after: Mapping[str, int], at: datetime
) -> Slate:
    """Take a reading, watch a whole slate, and take a reading with the value of the slate's arm; ratings follow it."""
    take_reading(person, challenge, before, moment=ReadingMoment.BEFORE, at=at)
    slate = slates.get_or_create_slate(slates.reading_for_slate(person, challenge.slug), now=at)
    sure = after[slate.arm]
    for item in slate.items.select_related("story"):
        create_rated_viewing(person, item.story, sure // 10, slate=slate, at=at + timedelta(minutes=5))
    take_reading(person, challenge, sure, moment=ReadingMoment.AFTER, at=at + timedelta(minutes=30))
    return slate
