"""The law as data: what is controlled, since when, until when, and how well it is known."""
