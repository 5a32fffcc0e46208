r"""Where a token may begin: not after a letter or digit, unless that ends an escape.

In `"a\nghp_..."` in JSON, `%3Dghp_...` of a URL and behind a terminal's colours, the letter or digit before the token
belongs to the escape. Rules say `(?<![0-9A-Za-z_])`, and are read as if they allowed for that.
"""

import re

# What may stand before a word without being a part of it, by its width: a lookbehind has but one. A thousand regexes
# are kept with them, so they are short.
_BEFORE = (
    r"\\[nrt]",  # the strings of most languages
    # RFC 3986, section 2.1; some boundaries have a slash, for the sake of base64; ECMA-48, section 8.3.117: colours
    r"%[0-7]\w|://|[\[;]\dm",
    r"\\x[0-7]\w|[\[;]\d\dm",
    r"\\u00[0-7]\w",  # RFC 8259, section 7
)
_BEHIND = "|".join(f"(?<={before})" for before in _BEFORE)
# A negative lookbehind for one class of characters, with letters or digits in it.
_BOUNDARY = re.compile(r"\(\?<!\[[^\]\\^]*(?:0-9|A-Z|a-z)[^\]\\^]*\]\)")


def allow_escapes(regex: str) -> str:
    """Give a regex whose boundaries at the begin of a word hold after an escape, too."""
    return _BOUNDARY.sub(lambda boundary: f"(?:{boundary[0]}|{_BEHIND})", regex)
