"""What catalogues and readers may write, that letters have to bear."""

from __future__ import annotations

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=https://evil.test/x.png onerror=alert(1)>',
    "</p></body></html>",
    "\u202eevil\u202e txt.exe",
    "ספר הכתבים",
    "long " * 2000,
    "书" * 3000,
    "x" * 5000,
    "{name} {{ name }} {% raw %} %(name)s &amp; &lt;b&gt;",
    "one\n\n\n\ntwo\nthree",
    "a\r\nb\u2028c",
]
