"""Records confidence readings and derives the present rung from them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext

from challenges.models import PRESENT_RUNG_MIN_RATING, Challenge, Rating, Reading, ReadingMoment
from domain_errors.categories import FieldError


class InvalidRating(FieldError):
    """`field` is the position of the rung."""


def present_rung(ratings: Mapping[int, int]) -> int:
    """Return the highest rung rated 70 or more, 0 if there is none; `ratings` are 0 to 100 by rung position."""
    return max(
        (position for position, value in ratings.items() if value >= PRESENT_RUNG_MIN_RATING), default=0
    )


def record_reading(
    challenge: Challenge, ratings: Mapping[int, int], *, by: models.Model, moment: ReadingMoment, at: datetime
) -> Reading:
    """Save one rating for every rung of the ladder. Raises InvalidRating."""
    rungs = list(challenge.rungs.all())
    _validate_ratings(ratings, [rung.position for rung in rungs])
    with transaction.atomic():
        reading = Reading.objects.create(
            person_id=by.pk,
            challenge=challenge,
            moment=moment,
            taken_at=at,
            present_rung=present_rung(ratings),
        )
        Rating.objects.bulk_create(
            Rating(reading=reading, rung=rung, value=ratings[rung.position]) for rung in rungs
        )
    return reading


def latest_reading(challenge: Challenge, *, by: models.Model) -> Reading | None:
    """The ratings are prefetched."""
    return Reading.objects.by_person(by).on_challenge(challenge).with_ratings().newest_first().first()


def _validate_ratings(ratings: Mapping[int, int], positions: Sequence[int]) -> None:
    for position in ratings:
        if position not in positions:
            raise InvalidRating(
                f"ratings.{position}",
                gettext("This ladder does not have this rung."),
                gettext("Use rungs 1 to %(last)d.") % {"last": positions[-1]},
            )
    for position in positions:
        value = ratings.get(position)
        if value is None:
            raise InvalidRating(
                f"ratings.{position}",
                gettext("This rung has no rating."),
                gettext("Rate every rung of the ladder."),
            )
        if not 0 <= value <= 100 or value % 10:  # noqa: PLR2004  # the scale of a confidence rating
            raise InvalidRating(
                f"ratings.{position}",
                gettext("%(value)s is not on the scale.") % {"value": value},
                gettext("Use 0 to 100 in steps of 10."),
            )
