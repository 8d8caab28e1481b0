"""Where the heads touch the skin: area, impedance, what flows, and what the source measures of it."""
