"""What Sameboat asks people about themselves, all of it optional.

Each question is worded for two readers: the person who answers, and the person who is told why a story was chosen.
"""

from accounts.questions.everyday import EVERYDAY
from accounts.questions.identity import IDENTITY
from accounts.questions.inner import INNER

__all__ = ["EVERYDAY", "IDENTITY", "INNER"]
