"""The use cases of ledger and audit: what somebody had today, what a massage adds, and what is written down of it."""
