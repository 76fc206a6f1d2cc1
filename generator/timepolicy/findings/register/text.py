"""TP001-TP019: the text and its YAML."""

from timepolicy.findings.finding import error

NOT_UTF8 = error(
    "TP001",
    "the byte {byte} is not UTF-8",
    "save the file as UTF-8",
)
TOO_BIG = error(
    "TP002",
    "the text is larger than {limit}",
    "check that this is the right file; a policy takes a few kilobytes",
)
CONTROL_CHARACTER = error(
    "TP003",
    "{character} stands in the text",
    "remove it; it often comes with text that is copied from elsewhere",
)
BYTE_ORDER_MARK = error(
    "TP004",
    "the text begins with a byte order mark",
    "save the file as UTF-8 without BOM",
)
NOT_YAML = error(
    "TP005",
    "this is not YAML: {problem}",
    "check the quotes, brackets and indentation here and in the line above",
)
TAB = error(
    "TP006",
    "a tab stands where not all YAML readers take one",
    "write blanks instead",
)
UNCLOSED = error(
    "TP007",
    "this {opening} is never closed",
    "add the closing {closing}",
)
UNEXPECTED_TEXT = error(
    "TP008",
    "unexpected {what}",
    "put the whole value in quotes if this belongs to it, else correct or remove it",
)
NO_COLON = error(
    "TP009",
    "the key has no {missing}",
    "write `key: value`, with a blank after the `:`",
)
INDENTATION = error(
    "TP010",
    "this {what} is not indented like the lines that it belongs with",
    "align it with its neighbours, or with the line above if it belongs inside that",
)
EMPTY_DOCUMENT = error(
    "TP011",
    "the policy is empty",
    "start with `timezone: Asia/Shanghai` and a list of `upstreams`",
)
NOT_A_POLICY = error(
    "TP012",
    "the policy is {found}, not a mapping",
    "write keys and their values, such as `timezone: Asia/Shanghai`",
)
SEVERAL_DOCUMENTS = error(
    "TP013",
    "a second YAML document begins here",
    "keep one policy in a file; remove the `---` or what follows it",
)
TOO_DEEP = error(
    "TP014",
    "the nesting is deeper than {limit} levels",
    "check the brackets and the indentation; a policy needs six levels",
)
NOT_PLAIN = error(
    "TP015",
    "{what} stands here, and a policy has no anchors, aliases, merge keys or tags",
    "write the value itself; text that begins with &, * or ! goes in quotes",
)
DUPLICATE_KEY = error(
    "TP016",
    "the key `{key}` is here twice; the first is in line {line}",
    "keep one of the two",
)
KEY_NOT_TEXT = error(
    "TP017",
    "a key is {found}, not text",
    "write a key of the policy language here, such as `timezone`",
)
AMBIGUOUS = error(
    "TP018",
    "some YAML readers take `{text}` for {reading}, others do not",
    "write {instead}, or put it in quotes if it is text",
)
TOO_MANY = error(
    "TP019",
    "the search stops here, after {limit} findings",
    "correct these first, then look for more",
)
