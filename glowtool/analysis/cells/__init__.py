"""Pressure cells that went bad: what shows it, and a recording without them."""
