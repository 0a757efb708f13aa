"""A visitor's browser without scripts, and a way to read its pages."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import User


class PageReader(HTMLParser):
    """Links, elements with their attributes, and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_data(self, data: str) -> None:
        self.text = f"{self.text} {data.strip()}".strip()

    @property
    def links(self) -> list[str]:
        return [attributes["href"] for tag, attributes in self.elements if tag == "a" and "href" in attributes]

    def found(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every such element, in the order of the page."""
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def visit(client: Client) -> Callable[..., PageReader]:
    """`visit("/", member)`: the page as that person reads it; fails on anything but 200."""

    def go(path: str, person: User | None = None) -> PageReader:
        if person is not None:
            client.force_login(person)
        answer = client.get(path)
        assert answer.status_code == 200, answer.status_code
        return PageReader(answer.content.decode())

    return go
