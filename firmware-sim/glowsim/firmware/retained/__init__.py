"""The data that survives a loss of power: settings, tare, doses, counters, bonds."""
