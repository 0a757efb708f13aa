"""Long proofs, run whole by `python3 run.py prove NAME`; the suite takes samples of them."""
