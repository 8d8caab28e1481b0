"""The attributes of a peer on one link: read, cached, written, subscribed."""
