"""A peer's attributes: read, cached, written, subscribed to, on one link."""
