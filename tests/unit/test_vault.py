"""Secrets at rest open for their owner only, and survive a change of keys (check B12)."""

import pytest

from app.core.vault import Unsealable, Vault

SECRET = b"JBSWY3DPEHPK3PXP"


def test_what_is_sealed_opens_for_its_owner_and_nobody_else() -> None:
    vault = Vault({"a": "one key"})
    sealed = vault.seal(SECRET, "totp:ann")
    assert SECRET not in sealed
    assert vault.open(sealed, "totp:ann") == SECRET
    for wrong in (sealed[:-1], sealed[:-1] + b"\x00", sealed[1:], b"", b"\x01a", b"\xff" * 200):
        with pytest.raises(Unsealable):
            vault.open(wrong, "totp:ann")
    for stranger in ("totp:bob", "mail:ann", ""):
        with pytest.raises(Unsealable):
            vault.open(sealed, stranger)


def test_each_seal_is_its_own() -> None:
    vault = Vault({"a": "one key"})
    assert vault.seal(SECRET, "x") != vault.seal(SECRET, "x")


def test_keys_change_without_opening_the_secrets() -> None:
    before = Vault({"2025": "old key"})
    sealed = before.seal(SECRET, "x")
    both = Vault({"2026": "new key", "2025": "old key"})
    assert both.open(sealed, "x") == SECRET
    assert not sealed.startswith(both.mark)
    moved = both.rewrap(sealed, "x")
    assert moved.startswith(both.mark)
    after = Vault({"2026": "new key"})
    assert after.open(moved, "x") == SECRET
    with pytest.raises(Unsealable):
        after.open(sealed, "x")
    with pytest.raises(Unsealable):
        after.rewrap(moved, "y")
    with pytest.raises(Unsealable):
        Vault({"2026": "another key"}).open(moved, "x")
