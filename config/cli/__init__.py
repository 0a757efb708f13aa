"""The command line behind run.py: set-up, supervised processes, tests, figures. Standard library only; knows no Django.

Two modules run inside the environment that set-up makes, as programs of their own: administrator.py and fake_redis.py.
"""
