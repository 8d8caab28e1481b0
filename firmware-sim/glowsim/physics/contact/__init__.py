"""The contact between heads and skin: area, impedance, current, and the source's own measurements."""
