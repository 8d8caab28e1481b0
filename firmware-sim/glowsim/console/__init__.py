"""The console of a roller that is served: lines in, lines out, here or through a socket."""
