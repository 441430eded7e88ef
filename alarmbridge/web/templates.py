"""Templates of ours as Jinja reads them: what comes in is escaped, what is missing is a bug."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def make_environment(folder: str) -> Environment:
    """Make what loads the templates of a folder of `alarmbridge/web`."""
    return Environment(
        loader=PackageLoader("alarmbridge.web", folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
