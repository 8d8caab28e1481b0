"""Routines as TOML: read, with every problem named, written, and described by a JSON Schema."""
