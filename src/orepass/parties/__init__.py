"""Parties: names and the lists on which they stand."""
