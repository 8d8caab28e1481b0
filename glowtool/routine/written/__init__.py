"""The written routine: its models, its places and words, and its expansion to the flat routine that runs."""
