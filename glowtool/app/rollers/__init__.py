"""The rollers of a place: heard, found and opened, paired and parted from."""
