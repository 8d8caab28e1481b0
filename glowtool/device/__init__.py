"""What every driver is made with: bounded hand-overs, feeds, tasks with an owner, attempts in bounds, clocks."""
