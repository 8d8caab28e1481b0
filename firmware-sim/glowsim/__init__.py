"""The roller in software: a Bluetooth LE peripheral with a body, a skin, a hand and a truth record, and no radio."""

__all__: list[str] = []
