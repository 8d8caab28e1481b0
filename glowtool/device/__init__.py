"""The driver: a connected roller with typed verbs, a followed status and an asynchronous stream of telemetry."""
