"""What viewers were shown, watched and reported, and the steps that they committed to."""

from practice.models.slates import ExperimentArm as ExperimentArm
from practice.models.slates import Slate as Slate
from practice.models.slates import SlateItem as SlateItem
from practice.models.slates import SlateQuerySet as SlateQuerySet
from practice.models.steps import Attempt as Attempt
from practice.models.steps import AttemptResult as AttemptResult
from practice.models.steps import Attribution as Attribution
from practice.models.steps import Step as Step
from practice.models.steps import StepQuerySet as StepQuerySet
from practice.models.viewings import MAX_LIKE_ME as MAX_LIKE_ME
from practice.models.viewings import HiddenTeller as HiddenTeller
from practice.models.viewings import LessLike as LessLike
from practice.models.viewings import OwnWords as OwnWords
from practice.models.viewings import SavedStory as SavedStory
from practice.models.viewings import Viewing as Viewing
from practice.models.viewings import ViewingQuerySet as ViewingQuerySet
