"""The Moderators group: who audits uploads. Made with its rights by migrate, then left to the administrator."""

from __future__ import annotations

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission

GROUP = "Moderators"
# By name, because these models belong to apps above this one.
RIGHTS = (
    ("videos", "review_contentmain"),
    ("videos", "view_contentmain"),
    ("videos", "change_contentmain"),
    ("videos", "view_videoinfo"),
    ("videos", "view_category"),
    ("videos", "view_job"),
    ("accounts", "view_auditentry"),
)


def make_group(*, sender: AppConfig, using: str, **_kwargs: object) -> None:
    """Receiver of post_migrate. Works after the last app only: before that, some permissions do not exist yet.

    A group that exists stays as it is, so that a right taken away is not given back by the next migrate.
    """
    if sender != list(apps.get_app_configs())[-1]:
        return
    group, is_new = Group.objects.using(using).get_or_create(name=GROUP)
    if is_new:
        permissions = Permission.objects.using(using).select_related("content_type")
        group.permissions.set(
            [
                permission
                for permission in permissions.filter(codename__in=[codename for _app, codename in RIGHTS])
                if (permission.content_type.app_label, permission.codename) in RIGHTS
            ]
        )
