"""Places and files on disk: their owners, their readers, and their writing, whole or not at all."""
