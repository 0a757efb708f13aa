"""Grants: what was signed is read back, anything else is refused with its reason."""

from __future__ import annotations

import base64
import random
import secrets
import string

from hypothesis import given
from hypothesis import strategies as st

from videos.streaming.grants import (
    LONGEST_GRANT,
    PUBLIC,
    Grant,
    GrantRefusal,
    Purpose,
    Subject,
    SubjectKind,
    derive_key,
    expiry,
    life_seconds,
    sign,
    verify,
)

ITEM = "a1B2c3D4e5F"
NOW = 1_800_000_000
KEY = derive_key("a secret of the site")
GRANT = Grant(ITEM, 3, Purpose.PLAY, NOW + 60, Subject(SubjectKind.ACCOUNT, "userUSER123"))

ids = st.text(string.ascii_letters + string.digits, min_size=1, max_size=40)
grants = st.builds(
    Grant,
    item=ids,
    version=st.integers(min_value=0, max_value=2**32 - 1),
    purpose=st.sampled_from(Purpose),
    expires_at=st.integers(min_value=NOW + 1, max_value=2**40 - 1),
    subject=st.just(PUBLIC) | st.builds(Subject, kind=st.just(SubjectKind.ACCOUNT), id=ids),
)


@given(grants)
def test_what_was_signed_is_read_back(grant: Grant) -> None:
    text = sign(grant, KEY)
    assert verify(text, now=NOW, keys=[KEY], item=grant.item) == grant
    assert len(text) <= LONGEST_GRANT
    assert set(text) <= set(string.ascii_letters + string.digits + "-_")


def test_a_grant_ends_at_its_second() -> None:
    text = sign(GRANT, KEY)
    assert verify(text, now=NOW + 59, keys=[KEY], item=ITEM) == GRANT
    assert verify(text, now=NOW + 60, keys=[KEY], item=ITEM) is GrantRefusal.EXPIRED


def test_a_grant_of_another_item_is_foreign() -> None:
    assert verify(sign(GRANT, KEY), now=NOW, keys=[KEY], item="otherOTHER1") is GrantRefusal.FOREIGN


def test_a_replaced_key_still_verifies_and_an_unknown_one_never_does() -> None:
    text = sign(GRANT, KEY)
    assert verify(text, now=NOW, keys=[derive_key("newer"), KEY], item=ITEM) == GRANT
    assert verify(text, now=NOW, keys=[derive_key("newer")], item=ITEM) is GrantRefusal.FORGED
    assert verify(text, now=NOW, keys=[b"a secret of the site"], item=ITEM) is GrantRefusal.FORGED


def test_no_flipped_bit_is_overlooked() -> None:
    """Every bit of the signed bytes, and 1,000 of the text that carries them."""
    text = sign(GRANT, KEY)
    signed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    for place in range(8 * len(signed)):
        flipped = bytearray(signed)
        flipped[place // 8] ^= 1 << place % 8
        other = base64.urlsafe_b64encode(flipped).rstrip(b"=").decode()
        assert verify(other, now=NOW, keys=[KEY], item=ITEM) is GrantRefusal.FORGED
    chance = random.Random(7)
    for _ in range(1000):
        place = chance.randrange(len(text))
        other = text[:place] + chr(ord(text[place]) ^ 1 << chance.randrange(7)) + text[place + 1 :]
        assert verify(other, now=NOW, keys=[KEY], item=ITEM) in {GrantRefusal.FORGED, GrantRefusal.MALFORMED}


def test_only_one_spelling_of_a_grant_is_one() -> None:
    """The last character may carry bits that belong to no byte: another spelling would be another address."""
    for item in ("a", "ab", "abc"):
        grant = Grant(item, 1, Purpose.PLAY, NOW + 60, PUBLIC)
        text = sign(grant, KEY)
        for character in string.ascii_letters + string.digits + "-_":
            if character != text[-1]:
                assert isinstance(verify(text[:-1] + character, now=NOW, keys=[KEY], item=item), GrantRefusal)
        for other in (text + "=", text + "A", " " + text, text + "\n", text.replace("_", "/")):
            assert other == text or isinstance(verify(other, now=NOW, keys=[KEY], item=item), GrantRefusal)


@given(
    st.text(max_size=500) | st.binary(max_size=200).map(lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
)
def test_anything_else_is_refused_quietly(text: str) -> None:
    assert isinstance(verify(text, now=NOW, keys=[KEY], item=ITEM), GrantRefusal)


def test_guessing_finds_nothing() -> None:
    for _ in range(10_000):
        assert isinstance(verify(secrets.token_urlsafe(60), now=NOW, keys=[KEY], item=ITEM), GrantRefusal)


def test_what_a_grant_says_cannot_be_exchanged() -> None:
    """The payload of one with the signature of another."""
    mine, other = (
        base64.urlsafe_b64decode(sign(grant, KEY) + "==")
        for grant in (GRANT, Grant(ITEM, 3, Purpose.PLAY, NOW + 9, PUBLIC))
    )
    mixed = base64.urlsafe_b64encode(mine[:-32] + other[-32:]).rstrip(b"=").decode()
    assert verify(mixed, now=NOW, keys=[KEY], item=ITEM) is GrantRefusal.FORGED


@given(st.integers(min_value=NOW, max_value=NOW + 10**7), st.integers(min_value=10, max_value=10**5))
def test_shared_grants_end_on_few_moments_and_live_long_enough(now: int, life: int) -> None:
    ends = expiry(now=now, life_seconds=life, is_shared=True)
    assert now + life <= ends < now + life + max(1, life // 4)
    assert ends % max(1, life // 4) == 0
    assert expiry(now=now, life_seconds=life, is_shared=False) == now + life


def test_a_long_film_can_be_watched_to_its_end() -> None:
    assert life_seconds(60) == 21_600
    assert life_seconds(4 * 3600) == 8 * 3600
