"""The API of the desk, and later its pages. Thin: no rule and no formula lives here."""
