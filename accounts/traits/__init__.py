"""The optional questions about a person, and the sentences that explain matches with their answers.

All texts are marked for translation and translated on display, see `accounts.traits.translation`.
"""

from accounts.traits.everyday import EVERYDAY
from accounts.traits.identity import IDENTITY
from accounts.traits.personal import PERSONAL

__all__ = ["EVERYDAY", "IDENTITY", "PERSONAL"]
