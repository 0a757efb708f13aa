"""How lists are cut into pages."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """`?page=` and `?page_size=`; 24 items by default, 100 at most."""

    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100
