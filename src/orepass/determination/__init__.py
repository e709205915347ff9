"""From a transaction to a determination: logic, rule book, answer, explanation, tables."""
