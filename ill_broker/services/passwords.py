"""Passwords: kept as argon2 hashes, and tried with the same work whether anybody is there or not."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError


class Passwords:
    """Hashes and tries passwords.

    :param cheap: fast and weak, for tests and the demonstration
    """

    def __init__(self, *, cheap: bool = False) -> None:
        self._hasher = (
            PasswordHasher(time_cost=1, memory_cost=64, parallelism=1) if cheap else PasswordHasher()
        )
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def fits(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right; without a hash it never is, and that takes as long."""
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerifyMismatchError, InvalidHashError):
            return False
        return password_hash is not None
