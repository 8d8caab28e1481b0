"""Append-only files of lines, each of which seals the one before it: the ledger of doses, and the audit."""
