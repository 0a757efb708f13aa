"""`run.py test`: the stages from linters to Chromium, the servers they need, and the table at the end."""
