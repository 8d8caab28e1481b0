"""Bonds through BlueZ: making one, the meaning of its failures, and detecting a stale one."""
