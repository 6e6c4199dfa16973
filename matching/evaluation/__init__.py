"""Does it work, for whom, and how sure can one be? Figures about rankings, lists and outcomes, in plain Python."""
