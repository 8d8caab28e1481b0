"""The model of a massage in people's units: light to import, and the same for every device."""
