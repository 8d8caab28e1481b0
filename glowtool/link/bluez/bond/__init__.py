"""Bonds through BlueZ: how one comes about, what its failures mean, and how a stale one shows."""
