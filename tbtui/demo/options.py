"""The demo's figures that its command line shows: apart, so that asking for help loads nothing else."""

DEFAULT_STEPS = 1500
"""Training steps of every configuration."""

STEPS_A_SECOND = 6.0
"""How fast it trains, for the eye to follow."""
