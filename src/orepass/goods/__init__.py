"""Goods: kinds and their names, facts and their units, shapes, customs numbers, and the reading of descriptions."""
