"""The command line: thin; no rule lives here."""
