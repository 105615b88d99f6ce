"""Captures of profilers -> one model of what ran where and when -> tables. Knows nothing of screens."""
