"""The logs of this computer, and what rollers keep by themselves: fetched, exported, mended, erased."""
