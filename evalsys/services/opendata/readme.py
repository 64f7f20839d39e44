"""The text that lies beside the files, in every language: what they are, how to cite them, how to check them."""

import flask_babel

from evalsys.config import Config
from evalsys.i18n import LANGUAGES
from evalsys.services.content import body_name
from evalsys.services.opendata.editions import Edition

RULE = "=" * 72


def readme(edition: Edition, config: Config) -> str:
    """README.txt of an edition."""
    return f"\n{RULE}\n\n".join(_said(edition, config, locale, name) for locale, name in LANGUAGES)


def citation(edition: Edition, config: Config, locale: str) -> str:
    """How to cite an edition, with the address that will always lead to these very files."""
    with flask_babel.force_locale(locale):
        return str(
            flask_babel.gettext(
                "%(body)s: %(title)s. Open data, run %(run)s, published %(day)s. %(address)s",
                body=body_name(locale, config.body_name),
                title=edition.titles[locale],
                run=edition.number,
                day=edition.published_on.isoformat(),
                address=f"{config.public_url}/data/{edition.round_code}/runs/{edition.number}.zip",
            )
        )


def _said(edition: Edition, config: Config, locale: str, language: str) -> str:
    said = citation(edition, config, locale)
    with flask_babel.force_locale(locale):
        gettext = flask_babel.gettext
        lines = (
            f"{edition.titles[locale]} ({language})",
            "",
            gettext("These are the published results of a round: one table a topic, each as CSV, JSON and Parquet."),
            gettext("Nothing is in them that is not on a published scorecard."),
            gettext("What rests on too few people is missing, and the column “withheld” says why."),
            gettext("The code book (codebook.csv, codebook.json) says what every column means."),
            gettext("CSV is UTF-8 with a byte order mark."),
            gettext("A text that a spreadsheet would take for a formula begins with an apostrophe."),
            gettext("Licence: %(licence)s", licence=config.data_licence),
            gettext("How to cite: %(citation)s", citation=said),
            gettext("How to check: unpack all files into one folder and run “python -m scoring published FOLDER”."),
            gettext("It scores every office again from these files and compares the results."),
            "",
        )
    return "\n".join(map(str, lines))
