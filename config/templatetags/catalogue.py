"""Where a page's scripts find their words."""

from __future__ import annotations

from django import template

from config import catalogue

register = template.Library()
register.simple_tag(catalogue.address, name="catalogue_address")
