"""Films in the admin."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from videos.models import ContentMain, VideoInfo


class ItemInline(admin.TabularInline[ContentMain, VideoInfo]):
    """The items of a film; they are made by uploading, so none is added here."""

    model = ContentMain
    fk_name = "film"
    fields = ["title", "status", "audit_status", "clicks"]
    readonly_fields = ["title", "status", "audit_status", "clicks"]
    extra = 0
    can_delete = False
    show_change_link = True
    verbose_name_plural = _("videos of this film")

    def has_add_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(VideoInfo)
class VideoInfoAdmin(admin.ModelAdmin[VideoInfo]):
    list_display = ["title", "released_on", "rating", "running_minutes", "imdb_id"]
    list_filter = ["released_on"]
    search_fields = ["title", "original_title", "imdb_id", "tmdb_id", "movie_id"]
    date_hierarchy = "released_on"
    inlines = [ItemInline]
    fieldsets = [
        (None, {"fields": ["title", "original_title", "released_on", "rating", "running_minutes", "summary"]}),
        (_("Known elsewhere as"), {"fields": ["imdb_id", "tmdb_id", "movie_id"]}),
    ]
