"""Trade figures."""
