"""The licence procedure: cases, moves, the decision clock, licences, draw-down and the customs gate. Knows no database."""
