"""Advertising: its content, its address, and the hosts that are let in."""
