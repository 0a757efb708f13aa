"""How passwords are hashed."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's smallest recommended cost: 19 MiB, two passes, one lane.

    Django's own cost is 100 MiB on eight lanes: on the two-core machine this is written for, one sign-in then takes
    200 ms of both cores (measured), and a class that signs in together takes gigabytes; this takes 23 ms of one core.
    A hash with another cost is made anew at the next sign-in.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
