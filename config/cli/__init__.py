"""The command line behind run.py: set-up, supervised processes, tests, figures. Standard library only; knows no Django.

fake_redis.py alone runs inside the environment that set-up makes, as a program of its own.
"""
