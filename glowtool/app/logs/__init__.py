"""The logs on this computer, and the massages that rollers record by themselves: fetch, export, mend, erase."""
