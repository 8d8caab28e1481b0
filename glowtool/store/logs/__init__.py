"""The logs of sessions: found in their order, read, replayed, and their damage told."""
