"""What survives a loss of power: settings, tare, doses, counters, bonds."""
