"""The roller's telemetry: frames, their account, and the readings made of them."""
