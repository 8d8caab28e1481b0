"""The orders that a massage gives to the roller at any moment: stops, and what a person asks for while it runs."""
