"""From raw counts to readings: tare, self-test, and the telemetry that carries them."""
