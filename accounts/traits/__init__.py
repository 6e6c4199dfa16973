"""What Sameboat asks people about themselves, all of it optional.

Each question is worded for two readers: the person who answers, and the person who is told why a story was chosen.
"""

from accounts.traits.everyday import EVERYDAY
from accounts.traits.identity import IDENTITY
from accounts.traits.psychological import PSYCHOLOGICAL

__all__ = ["EVERYDAY", "IDENTITY", "PSYCHOLOGICAL"]
