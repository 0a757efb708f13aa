"""Programs that print figures, run by `python3 run.py bench NAME`."""
