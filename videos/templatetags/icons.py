"""{% icon "name" %}: a symbol of static/icons/sprite.svg, hidden from screen readers because words stand beside it."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str, slot: str = "") -> SafeString:
    """The symbol `name`; `slot` names the place inside a web component."""
    href = f"{static('icons/sprite.svg')}#{name}"
    if slot:
        return format_html('<svg class="icon" aria-hidden="true" slot="{}"><use href="{}"></use></svg>', slot, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)
