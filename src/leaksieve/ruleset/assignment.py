r"""How a value is given to a name, in code, in configuration and in markup.

It is written once, here. A shipped rule says one of these behind the name that it looks for:

    {{assigned}}                the value follows in the rule, which tells it by an alphabet, a length, a beginning
    {{assigned 8 256}}          any value of 8 to 256 characters
    {{assigned_words 4 128}}    one that may have spaces when it is quoted

`{{assigned}}` begins with the rest of the name, the group `rest`: `_hash` behind `acme_key`, by which the checks
`context-token` and `credential-name` judge. Read from the top, the pieces follow one another.
"""

import re
from collections.abc import Iterable
from functools import cache

from leaksieve.ruleset.shape import shape_of

# What closes a name: quotes and brackets, also those that are escaped inside of a string, and bold type in Markdown.
_CLOSED = r"""(?:\\{0,3}["'`\]]|&(?:quot|#3[49]);|\\u0022|%22|\*\*){0,3}"""
# The size of an array, or the end of a name in braces: `password[32]`, `${password} =`.
_INDEX = r"""(?:\[[0-9A-Za-z_]{0,12}\]|\}(?=[ \t]{0,4}=))?[ \t]{0,24}"""
# A type between the name and the value: `: string | null =`, `As String =`, Go's `string =`, SQL's and C#'s.
_TYPE = (
    r"""(?:[?!]?:[ \t]{0,4}(?:&(?:'static[ ])?)?[A-Za-z][A-Za-z0-9_.<>?|\[\]: ]{1,40}?[ \t]{0,4}(?==)"""
    r"""|(?:As[ \t]{1,4}String|\*?string|\[\]byte|n?varchar\([0-9a-z]{1,4}\))[ \t]{1,4}(?==)"""
    r"""|\{[ ]get;[ ](?:(?:private|protected|internal)[ ])?(?:set|init);[ ]\}[ ](?==))?"""
)
# Further fields of an entry that names the credential, and the field with its value: `", default="`, ` -Value "`,
# `", "enabled": true, "value": "`, `" default:"` in Go's tags.
_FIELD = (
    r"""(?:(?:,[ \t]{0,3}|[ \t]{1,3})["']?[A-Za-z_]{1,20}["']?[ \t]?[:=][ \t]?"""
    r"""(?:["'][^"'\r\n]{0,60}["']|[A-Za-z0-9_.]{1,20})){0,2}"""
    r"""(?:,[ \t]{0,3}|[ \t]{1,3})-{0,2}["']?"""
    r"""(?i:(?:[a-z]{1,12}_?)?value|default(?:[_-]?value)?|body|content|with)["']?"""
    r"""[ \t]{0,3}[:=]?[ \t]{0,3}(?=[@$]?["'`])"""
)
_QUOTED_NEXT = r"""(?=[ \t]{0,4}[@$]?["'`])"""
_STRING_NEXT = r"""(?=[ \t]{0,16}(?:<<|[buUrRLN@])?\\{0,3}["'`])"""
_WORD_NEXT = r"""(?=@?["'][^\s"',;)+\]}])"""
_ONLY_ARGUMENT = r"""(?=[ \t]{0,4}["'`][^"'`\r\n]{1,160}["'`][ \t]{0,2}\))"""
# `.orElse("` of Java, Scala and Rust.
_OR_ELSE = r"""\.(?:orElse|getOrElse|unwrap_or|unwrap_or_else)\((?:\|_?\|[ ])?"""
_OPERATOR = "|".join(
    (
        r"""=>|:=|[=!]=?=?|:""",
        rf"""{_FIELD}""",
        rf""",{_STRING_NEXT}""",
        # An element with attributes, and the end of the element that holds the name.
        r"""(?:[ ][A-Za-z:_]{1,30}="[^"<>\r\n]{0,60}"){0,2}>|</[A-Za-z:]{1,16}>[ \t]{0,4}(?=<)""",
        r"""\|\|=?|\?\??=|%3[AaDd]|\\u003[AaDd]""",
        # What stands in for a name that has no value, and comparisons with what a call gave for it.
        rf"""[)}}]?[ \t]{{0,2}}(?:\|\||\?\?|\?:|//|or[ \t]|[!=~]==?|(?:by[ ]lazy[ ])?\{{){_QUOTED_NEXT}""",
        rf"""\)?{_OR_ELSE}{_QUOTED_NEXT}""",
        rf"""(?:<{{1,2}}-|->|(?<=["'][ \t])to|(?<=[ \t])-?c?(?:eq|ne)|isEqualToString:){_QUOTED_NEXT}""",
        rf"""(?:\.equals)?\({_ONLY_ARGUMENT}|\([A-Za-z_][A-Za-z0-9_.>&*-]{{0,40}},{_ONLY_ARGUMENT}""",
        # A row of a table in Markdown.
        r"""\|[ ](?=`?[^\s|`]{8,128}`?[ ]\|)""",
        rf"""(?<=[ \t]){_WORD_NEXT}""",
    )
)
# A lookup whose default is the value: `getenv("PW") ?: "`, `.orElse("`. It is tried last, since it is rare.
_FALLBACK = (
    r"""(?:[A-Za-z_$@(<:][^\r\n;,{}]{0,120}?"""
    rf"""(?:(?:\|\||\?\?|\?:|[ ]//|[ ]or|[ ]:)[ \t]{{0,4}}|{_OR_ELSE})"""
    r"""(?=["'`]))??"""
)
# What opens the value: an escaped quote, the key word of a nested field, a list, an element, a YAML tag or anchor.
_OPENED = (
    r"""(?:&(?:quot|#3[49]);|\\u0022|%22|(?:\{[ \t]?)?["']?(?i:value)["']?[ \t]{0,3}[:=][ \t]{0,3}(?=["'])"""
    r"""|\[[ \t]{0,2}(?=["'`])"""
    r"""|<!\[CDATA\[|<[A-Za-z:]{1,16}>|!!str[ ]|&[A-Za-z0-9_-]{1,20}[ ])?"""
)
# Calls around it, each perhaps with a name before it (`Some(String::from("`, `env('DB_PASSWORD', '`), and prefixes of
# strings.
_WRAPPED = (
    r"""(?:(?:[A-Za-z_\[][A-Za-z0-9_.:\[\]]{0,39}\((?:[A-Za-z_]{1,20},[ ])?"""
    r"""(?:["'][A-Za-z0-9_.-]{1,60}["'],)?[ \t]{0,4}(?:default(?:_?[Vv]alue)?[ ]?[=:][ ]?)?){1,3}(?=[@b]?["'`])"""
    r"""|(?:pack|fromMaybe)[ ](?=")|[buUrRLN@$]{1,2}(?=["'])|<<(?=")|\{(?=["'`])|"(?=\\"|')|'(?="))?"""
)
# A value without quotes ends where it can in the languages of shells, markup and configuration. Code that goes on with
# an operator gives the value later.
_BARE = (
    r"""([^\s"'`<>,;&(){}\[\]\\]{SIZE})(?=[\s,;<&"'`\\)}\]]|$)"""
    r"""(?![ \t]{1,4}(?:\|\||\?\?|\?:|(?:or|//)[ \t]{1,4}["']|[!=]=[ ]["']))"""
)
_VALUES = "|".join(
    (
        # The default of a variable, in shells and in Spring.
        r"""["']?\$\{[A-Za-z_][A-Za-z0-9_.]{0,40}(?::[=-]?|[=-])(?!\?)([^\s"'`{}]{SIZE})(?=\})""",
        (
            r"""\\{0,3}(?:"((?:[^"\\\r\nBLANK]|\\[^"\r\n]){SIZE})(?=\\{0,3}")"""
            r"""|'((?:[^'\\\r\nBLANK]|\\[^'\r\n]){SIZE})(?=\\{0,3}')|`([^`\\\r\nBLANK]{SIZE})(?=`))"""
        ),
        # Strings in three quotes, in two (Nix), and in the brackets of C++, Lua, Perl and Ruby.
        r"""(?:\"{3}|'{3})([^"'\\\s]{SIZE})(?="{3}|'{3})|''([^'\s]{SIZE})(?='')""",
        r"""R"\(([^"\s]{SIZE})(?=\)")|\[\[([^\s\[\]]{SIZE})(?=\]\])|(?:%[qQ]?|qq?)[(\[{|]([^\s()\[\]{}|]{SIZE})(?=[)\]}|])""",
        r"""(?:(?<=%3[AaDd])|(?<=%22))([A-Za-z0-9_.~+/-]{SIZE})(?=%)""",
        _BARE,
    )
)
_TO_VALUE = f"{_CLOSED}{_INDEX}{_TYPE}(?:{_OPERATOR})[ \\t]{{0,24}}{_FALLBACK}{_OPENED}{_WRAPPED}"
_MACRO = re.compile(r"\{\{assigned(?:(_words)? (\d+) (\d+))?\}\}")

_REST = r"(?P<rest>[0-9A-Za-z_.-]{0,32}+)"
# A value that its own alphabet and length tell needs no quotes to be one: it may follow a comma, or nothing but a space
# (`ENV ACME_KEY ...`), or the sign of a shell's default (`${ACME_KEY:-...}`).
_OPENING = r"""-?(?:R"\(|\[\[|%?[qQ]{1,2}[(\[{|]|["'`\\({]{1,6})?"""


def _without(lookaheads: Iterable[str]) -> str:
    known = _TO_VALUE
    for lookahead in lookaheads:
        known = known.replace(lookahead, "")
    return known


_KNOWN = _REST + _without((_QUOTED_NEXT, _ONLY_ARGUMENT, _STRING_NEXT, _WORD_NEXT)) + _OPENING


def with_assignments(regex: str) -> str:
    """Give a regex of a shipped rule with what stands for an assignment written out."""
    return _MACRO.sub(_written, regex)


def with_stand_ins(regex: str) -> str:
    """Give a regex of the same shape (`leaksieve.ruleset.shape`) that is read in a tenth of the time."""
    return with_assignments(regex.replace("{{assigned}}", _stand_in()))


@cache
def _stand_in() -> str:
    shape = shape_of(_KNOWN)
    return rf"(?P<rest>)[^\r\n]{{0,{shape.longest}}}(?=[^\r\n]{{0,{shape.ahead}}})"


def _written(macro: re.Match[str]) -> str:
    words, least, most = macro.groups()
    if not least:
        return _KNOWN
    value = f"(?:{_VALUES})".replace("BLANK", "" if words else r"\s").replace("{SIZE}", f"{{{least},{most}}}")
    return _TO_VALUE + value
