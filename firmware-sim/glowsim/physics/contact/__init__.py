"""The contact between heads and skin: area, impedance, the current, and what the source measures of it."""
