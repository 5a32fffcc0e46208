"""What a value looks like that is no secret: code, references, hashes, images, escapes, text in base64."""

import re

from leaksieve.core.der import der_key
from leaksieve.core.encodings import base64_bytes
from leaksieve.core.randomness import RANDOM_BITS, randomness
from leaksieve.core.regexes import LateRegex

_CODE = LateRegex(
    r"""
      [()\[\]] | ^[a-z_]{2,20}= | [A-Za-z0-9]:$ | -> | => | :: | &&
    | \|\| | ^\$ | ^[:@&*][A-Za-z_]
    | ^(?:self|this|process|os|env|config|settings|options|opts|args|params|props|state|data|ctx|context|req|request|res
        |response|user|app|secrets|vars?|local|module|each|current_user|Rails|System|input)\s*[.\[]
    | ^(?:true|false|null|none|nil|undefined|void|string|str|int|bool|boolean|bytes|char|object|any|optional|required
        |function|new|return|await|async|lambda|get|set|yes|no|on|off|default|unknown|empty|todo|const|let|var|final|self
        |this|type|sha1|sha256|md5|basic|bearer|oauth2?|jwt|aes|[ehpr]s(?:256|384|512)|secp\d{3}[kr]1|(?:ed|x|curve)25519)$
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Signs that a password may have, too, when quotes tell where it begins and ends.
_BARE_CODE = LateRegex(r"\+\+|^!|^0[xX][0-9A-Fa-f]{1,16}[uUlL]{0,3}$")
# A regular expression about passwords; it mixes all kinds of characters as a password would.
_REGEX = LateRegex(r"\(\?[:=!<iP]|\(\.[*+]|\[\^?[A-Za-z0-9\\]+-[A-Za-z0-9]|\\[dws]|\{\d+,\d*\}")
# One with a login has rules of its own.
_URL = LateRegex(r"^[a-z][a-z0-9+.-]*://")
# No name is as long a hexadecimal number: keys such as Codefresh's have two, joined by a dot.
_DOTTED = LateRegex(
    r"^(?!(?:[^.]*\.)?[0-9a-f]{24,}(?:\.|$))[A-Za-z_][A-Za-z0-9_]*(?:(?:\??\.|->|::)[A-Za-z0-9_-]+)+;?$",
)
_PATH = LateRegex(
    r"^(?:\.{0,2}/|~/|[A-Za-z]:\\|[a-z][a-z0-9+.]*://|\w+/\w+/)"
    r"|\.(?:js|py|json|ya?ml|html?|txt|pem|key|crt|java|rb|go|ts|php|xml|conf)$",
)
_DATE_OR_VERSION = LateRegex(r"^[vV^~<>= ]{0,3}\d+(?:[.\-/:]\d+)+(?:[.\-][A-Za-z0-9]+)?$")
# Coordinates of a package: `io.jsonwebtoken:jjwt-impl:0.11.2`.
_PACKAGE = LateRegex(r"^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*:[A-Za-z0-9_.-]+(?::[A-Za-z0-9_.-]+)+$")
_REFERENCES = (_DOTTED, _PATH, _DATE_OR_VERSION, _PACKAGE)
_IDENTIFIER = LateRegex(r"^[A-Za-z_][A-Za-z0-9_]*$")
_UUID = LateRegex(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
# A hash of a password: crypt(3) and its successors, LDAP's {SSHA}, Spring's, Django's and Werkzeug's forms.
# Sources: crypt(5); RFC 2307, section 5.3; https://docs.djangoproject.com/en/stable/topics/auth/passwords/,
# https://docs.spring.io/spring-security/reference/features/authentication/password-storage.html
_PASSWORD_HASH = LateRegex(
    r"^\$(?:[0-9a-zA-Z]{1,3}|argon2\w*|pbkdf2[\w-]*|scrypt|bcrypt[\w-]*|apr1|md5)\$.*\$"
    r"|^\{(?!noop)[A-Za-z0-9@_-]{3,40}\}(?=.{4})|^(?:pbkdf2_sha\d+|argon2|bcrypt(?:_sha256)?|scrypt|sha1|md5)\$|^(?:pbkdf2|scrypt):",
)
_BASE64 = LateRegex(
    r"^(?:[A-Za-z0-9+/]{4}){3,}(?:[A-Za-z0-9+/]{2,3}={0,2})?$|^(?:[A-Za-z0-9+/]{4}){2}[A-Za-z0-9+/]{2,3}={1,2}$",
)
# PNG, GIF, JPEG, WebP, SVG, WOFF and TrueType begin so in base64. Source: https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern
_BASE64_STARTS = ("iVBORw0KGgo", "R0lGOD", "/9j/", "UklGR", "PHN2Zy", "d09GR", "AAEAAAA")
# Escapes of control characters and of letters beyond ASCII, which nobody types. Base64 in lines has ends of lines.
_CONTROLS = LateRegex(r"(?:(?<!\\)\\(?:[abfrtv0]|x[01][0-9A-Fa-f]|u(?!00[2-7])[0-9A-Fa-f]{4}).*?){2}")


def is_code(value: str, *, quoted: bool) -> bool:
    """Tell whether a value is an expression of a programming language, or a word of such languages and formats."""
    return bool(_CODE.search(value)) or (not quoted and bool(_BARE_CODE.search(value)))


def is_pattern(value: str) -> bool:
    """Tell whether a value is a regular expression."""
    return bool(_REGEX.search(value))


def is_url(value: str) -> bool:
    """Tell whether a value is a URL."""
    return bool(_URL.search(value))


def is_reference(value: str) -> bool:
    """Tell whether a value names something else: a member, a path, a package, a date or a version."""
    return any(shape.search(value) for shape in _REFERENCES)


def is_identifier(value: str) -> bool:
    """Tell whether a value is a name as programming languages have them."""
    return bool(_IDENTIFIER.search(value))


def is_uuid(value: str) -> bool:
    """Tell whether a value is a UUID. Source: RFC 9562, section 4."""
    return bool(_UUID.search(value))


def is_public(value: str) -> bool:
    """Tell whether a value is an image, a font or a public key, in base64."""
    # A DER sequence longer than 127 bytes begins so in base64.
    key = der_key(base64_bytes(value) or b"") if value.startswith("MI") else None
    return value.startswith(_BASE64_STARTS) or (key is not None and not key.is_private)


def is_escaped(value: str) -> bool:
    """Tell whether a value holds controls, or escapes of them and of letters beyond ASCII."""
    return any(ord(c) < ord(" ") for c in value) or bool(_CONTROLS.search(value))


def is_password_hash(value: str) -> bool:
    """Tell whether a value is the hash of a password, as systems and frameworks store it."""
    # Most values have none of its signs, and save compiling it.
    return ("$" in value or ":" in value or value.startswith("{")) and bool(_PASSWORD_HASH.search(value))


def is_encoded_text(value: str) -> bool:
    """Tell whether a value, or the last of its words, is base64 of text that a person wrote."""
    value = value.rpartition(" ")[2]
    data = base64_bytes(value) if _BASE64.search(value) else None
    text = " ".join(data.decode().split()) if data and data.isascii() else ""
    return bool(text) and text.isprintable() and randomness(text) < RANDOM_BITS
