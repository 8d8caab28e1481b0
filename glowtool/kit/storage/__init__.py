"""Places and files on disk: their owners, their readers, and writing them whole or not at all."""
