"""Run as a program in the environment: makes the user `admin` if nobody is administrator. The password comes on standard
input and is printed nowhere; the last line of output is {"made": true} or {"made": false}."""

from __future__ import annotations

import json
import os
import sys


def main() -> int:
    """Exit code 1 when the name is taken by somebody who is no administrator."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from accounts.models import User

    users = User.objects
    password = sys.stdin.read().strip()
    is_missing = not users.filter(is_superuser=True, is_active=True).exists()
    if is_missing and users.filter(username="admin").exists():
        print("The name admin belongs to a user without rights.")
        return 1
    if is_missing:
        users.create_superuser(username="admin", email="", password=password)
    print(json.dumps({"made": is_missing}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
