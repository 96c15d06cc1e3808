"""Passwords: hard to guess, kept as argon2 hashes, tried with the same work whoever is there or not."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from pypinyin import lazy_pinyin
from zxcvbn import zxcvbn

from ill_broker.services.refusals import WeakPassword
from ill_broker.storage.failures import Busy
from workflows.reasons import Refusal

#: letters of a password at least, and of what zxcvbn looks at at most: more is slow, and strong already
SHORTEST, _LOOKED_AT = 10, 72
#: of 0 to 4: more than a hundred million guesses
_STRONG = 3
#: what zxcvbn, whose lists are English, does not know to be common here
_COMMON = ("woaini", "5201314", "1314520", "1314", "520", "521", "tushuguan", "mima", "zhongguo", "beijing")
#: hashes that one process works at: the rest of its threads serve everybody else
_AT_ONCE = 4


class Passwords:
    """Chooses, hashes and tries passwords.

    :param cheap: fast and weak, for tests and the demonstration
    """

    def __init__(self, *, cheap: bool = False) -> None:
        # the second of OWASP's choices: as hard to attack as argon2-cffi's own, with a sixth of the work
        cost = (1, 64) if cheap else (2, 19_456)
        self._hasher = PasswordHasher(time_cost=cost[0], memory_cost=cost[1], parallelism=1)
        self._nobody = self._hasher.hash("nobody has this password")
        self._slots = BoundedSemaphore(_AT_ONCE)

    def choose(self, password: str, *, about: Iterable[str]) -> str:
        """Return the hash of a new password.

        :param about: the owner's name, log-in and numbers, which are guessed first
        :raises WeakPassword: if it is short, common, or little more than what it is about
        :raises Busy: if this process hashes as many as it may
        """
        if len(password) < SHORTEST:
            raise WeakPassword(reasons=[Refusal.PASSWORD_TOO_SHORT], least=SHORTEST)
        rest = password.casefold()
        for word in sorted({*_words(about), *_COMMON}, key=len, reverse=True):
            rest = rest.replace(word, "")
        if not rest or zxcvbn(rest[:_LOOKED_AT])["score"] < _STRONG:
            raise WeakPassword
        with self._slot():
            return self._hasher.hash(password)

    def fits(self, password_hash: str | None, password: str) -> bool:
        """Tell whether the password is right; without a hash it never is, and that takes as long.

        :raises Busy: if this process tries as many as it may
        """
        with self._slot():
            try:
                self._hasher.verify(password_hash or self._nobody, password)
            except (VerifyMismatchError, InvalidHashError):
                return False
        return password_hash is not None

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(blocking=False):
            raise Busy("as many passwords as may be are being tried")
        try:
            yield
        finally:
            self._slots.release()


def _words(about: Iterable[str]) -> Iterator[str]:
    """Yield what somebody tries who knows the owner: names as they are and in Pinyin, both ways round."""
    for text in about:
        for part in (text, text.partition("@")[0], *re.split(r"[\W_]+", text)):
            syllables = lazy_pinyin(part)
            forms = (part, "".join(syllables), "".join(syllables[1:] + syllables[:1]))
            yield from (form.casefold() for form in forms if len(form) > (2 if form.isascii() else 1))
