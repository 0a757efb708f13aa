"""A film, and the one whose film it is."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.videos.factories import make_video
from videos.models import ContentMain


@pytest.fixture
def film(owner: User) -> ContentMain:
    return make_video(owner)


@pytest.fixture
def as_owner(api: APIClient, owner: User) -> APIClient:
    api.force_authenticate(owner)
    return api
