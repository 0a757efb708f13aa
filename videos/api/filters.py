"""What lists let a client ask for."""

from __future__ import annotations

from typing import Any  # any model's list

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _


class YesOrNoField(forms.Field):
    """`true` or `false` (1 or 0); Django's own takes whatever it does not understand for nothing."""

    def to_python(self, value: str | None) -> bool | None:
        known = {"": None, "true": True, "1": True, "false": False, "0": False}
        word = (value or "").strip().lower()
        if word not in known:
            raise forms.ValidationError(_("Write “true” or “false”."), code="invalid")
        return known[word]


class YesOrNoFilter(django_filters.BooleanFilter):  # type: ignore[misc]  # django-filter ships no types
    field_class = YesOrNoField


class WhoseFilterSet(django_filters.FilterSet):  # type: ignore[misc]  # django-filter ships no types
    """Whose list it is comes first: the view's queryset is only a place to begin. A filter that `whose_list` has read
    names `already_decided` as its method."""

    def whose_list(self) -> QuerySet[Any]:
        """What this client may ask about, by what the form says. Raises what the client is to be told."""
        raise NotImplementedError

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        found: QuerySet[Any] = super().filter_queryset(self.whose_list())
        return found

    def already_decided(self, items: QuerySet[Any], _name: str, _value: bool) -> QuerySet[Any]:
        return items
