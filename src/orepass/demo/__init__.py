"""The demo: the law replayed over real imports."""
