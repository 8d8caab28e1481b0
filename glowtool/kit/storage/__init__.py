"""Places and files on disk: whose they are, who may read them, and how they are written whole or not at all."""
