"""The viewer's loop: what was shown and why, what was watched, the small step at the end, and what all of it taught."""

from practice.models.figures import Appraisal as Appraisal
from practice.models.figures import Benefit as Benefit
from practice.models.figures import Roll as Roll
from practice.models.figures import StoryTexts as StoryTexts
from practice.models.figures import Verdict as Verdict
from practice.models.figures import WeightSet as WeightSet
from practice.models.figures import WeightSets as WeightSets
from practice.models.slates import Arm as Arm
from practice.models.slates import Slate as Slate
from practice.models.slates import SlateItem as SlateItem
from practice.models.slates import Slates as Slates
from practice.models.steps import Attempt as Attempt
from practice.models.steps import Attribution as Attribution
from practice.models.steps import Step as Step
from practice.models.steps import Steps as Steps
from practice.models.steps import Went as Went
from practice.models.viewings import LIKE_ME_MOST as LIKE_ME_MOST
from practice.models.viewings import HiddenTeller as HiddenTeller
from practice.models.viewings import LessLike as LessLike
from practice.models.viewings import OwnWords as OwnWords
from practice.models.viewings import SavedStory as SavedStory
from practice.models.viewings import Viewing as Viewing
from practice.models.viewings import Viewings as Viewings
