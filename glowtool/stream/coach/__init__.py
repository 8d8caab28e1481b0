"""The coach: one short sentence at a time about pressure, contact, movement and rhythm."""
