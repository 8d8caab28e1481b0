"""The driver of the GR-1: a connected roller with typed verbs, a followed status and a stream of telemetry."""
