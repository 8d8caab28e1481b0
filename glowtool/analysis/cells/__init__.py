"""Pressure cells that went bad: how they are detected, and a recording without them."""
