"""Names of organisations, in Chinese and in Latin letters: read, sounded out, translated and compared."""
