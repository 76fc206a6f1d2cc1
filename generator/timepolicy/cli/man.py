"""The manual page timepolicy(1), made from the help of the commands; share/man/man1 has it."""

from collections.abc import Iterator

import click

from timepolicy import __version__
from timepolicy.cli.main import cli

EXIT_STATUS = {
    "0": "Done.",
    "1": "The policy or a checked file is wrong, or there is a difference.",
    "2": "The command line is wrong.",
    "3": "A file cannot be read or written, or a service does not answer.",
}

ENVIRONMENT = {
    "NO_COLOR": "If it is not empty, text has no color.",
    "TIMEPOLICY_KEYS_FILE": "Symmetric keys, as the option --keys of the command render names them.",
}


def man_page() -> str:
    """Return the page in the macros of man(7)."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield f'.TH TIMEPOLICY 1 "" "timepolicy {__version__}" "User Commands"'
    yield ".ad l"  # long words make lines that cannot be adjusted
    yield from (".SH NAME", r"timepolicy \- compile one YAML policy into what nodes need to boot with the right time")
    yield from (".SH SYNOPSIS", r".B timepolicy", r"\fICOMMAND\fR [\fIOPTION\fR]... [\fIARGUMENT\fR]...")
    yield from (".SH DESCRIPTION", _text(cli.help or ""), ".SH OPTIONS", *_options(cli), ".SH COMMANDS")
    context = click.Context(cli, info_name="timepolicy")
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None, "the group lists it"
        yield from _command(name, command)
    yield ".SH EXIT STATUS"
    for status, meaning in EXIT_STATUS.items():
        yield from (".TP", rf"\fB{status}\fR", _text(meaning))
    yield ".SH ENVIRONMENT"
    for variable, meaning in ENVIRONMENT.items():
        yield from (".TP", rf"\fB{variable}\fR", _text(meaning))
    yield from (".SH SEE ALSO", r".BR chrony.conf (5),", r".BR timesyncd.conf (5),", r".BR cloud\-init (1)")


def _command(name: str, command: click.Command) -> Iterator[str]:
    arguments = [argument.make_metavar(click.Context(command)) for argument in _parameters(command, click.Argument)]
    yield f".SS {_text(' '.join(['timepolicy', name, '[OPTION]...', *arguments]))}"
    for number, paragraph in enumerate((command.help or "").split("\n\n")):
        yield from ([".PP"] if number else [])
        yield _text(" ".join(paragraph.split()))
    yield from _options(command)
    lines = (command.epilog or "").partition("Examples:\n")[2].partition("\n\n")[0].splitlines()
    yield from (".PP", "Examples:", ".EX", *(_text(line.strip()) for line in lines), ".EE")


def _options(command: click.Command) -> Iterator[str]:
    for option in _parameters(command, click.Option):
        assert isinstance(option, click.Option)
        names = ", ".join(rf"\fB{_text(name)}\fR" for name in [*option.opts, *option.secondary_opts])
        value = "" if option.is_flag or option.count else rf" \fI{_text(_value(option))}\fR"
        default = _default(option)
        yield from (".TP", names + value, _text(f"{option.help}{f' The default is {default}.' if default else ''}"))


def _value(option: click.Option) -> str:
    """The value in the words of the help, which differ between versions of click."""
    if isinstance(option.type, click.Choice):
        return "|".join(map(str, option.type.choices))
    return option.metavar or option.type.name.upper()


def _default(option: click.Option) -> str | None:
    """The value of an option that is not given, in the words of the help."""
    if isinstance(option.show_default, str):
        return option.show_default
    is_shown = option.show_default is not False and isinstance(option.default, str | int | float) and not option.is_flag
    return str(option.default) if is_shown else None


def _parameters(command: click.Command, kind: type[click.Parameter]) -> list[click.Parameter]:
    return [parameter for parameter in command.params if isinstance(parameter, kind)]


def _text(text: str) -> str:
    """Escape what roff would read as a command or as a typographic hyphen (groff_man_style(7))."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("`", r"\(ga").replace("'", r"\(aq")
    return rf"\&{escaped}" if escaped.startswith((".", "'")) else escaped
