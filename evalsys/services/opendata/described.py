"""The open data described for machines: schema.org Dataset for search engines, DCAT 3 for catalogues of open data."""

from flask import current_app

from evalsys.config import Config
from evalsys.i18n import DEFAULT_LOCALE, LOCALES
from evalsys.services import content
from evalsys.services.opendata.bundles import MEDIA_TYPES, Bundle, DataFile, bundle_of
from evalsys.services.opendata.codebook import codebook, titles
from evalsys.services.opendata.columns import NUMBER, WHOLE
from evalsys.services.opendata.editions import Edition, newest_editions, read_edition
from evalsys.services.opendata.readme import citation
from evalsys.services.opendata.tables import TABLES

Document = dict[str, object]
SCHEMA_ORG = "https://schema.org/"
CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
MEDIA_URI = "https://www.iana.org/assignments/media-types/"
ALGORITHM = {"@id": "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"}


def dataset(round_code: str, number: int | None = None) -> Document:
    """One edition as schema.org Dataset. Raises NotFound."""
    edition = read_edition(round_code, number)
    bundle, config = bundle_of(edition), _config()
    landing = f"{config.public_url}/data/{edition.round_code}"
    newer = {"creativeWorkStatus": "Superseded", "isBasedOn": landing} if edition.is_superseded else {}
    return {
        "@context": SCHEMA_ORG,
        "@type": "Dataset",
        "@id": _place(edition),
        "identifier": _place(edition),
        "url": landing,
        "name": _in_languages(edition.titles),
        "description": _described(),
        "inLanguage": list(LOCALES),
        "license": config.data_licence,
        "isAccessibleForFree": True,
        "creator": {"@type": "GovernmentOrganization", "name": _in_languages(_bodies()), "url": config.public_url},
        "datePublished": edition.published_on.isoformat(),
        "temporalCoverage": f"{edition.period_start.isoformat()}/{edition.period_end.isoformat()}",
        "version": str(edition.number),
        "creditText": citation(edition, config, DEFAULT_LOCALE),
        "includedInDataCatalog": {"@type": "DataCatalog", "url": f"{config.public_url}/data/catalog.jsonld"},
        "distribution": [_download(edition, file) for file in (bundle.whole, *bundle.files)],
        "variableMeasured": _variables(),
        **newer,
    }


def catalog() -> Document:
    """The newest open data of every published round as a DCAT catalogue."""
    url = _config().public_url
    return {
        "@context": CONTEXT,
        "@id": f"{url}/data/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": _in_languages(_bodies()),
        "dct:publisher": _publisher(),
        "dct:language": list(LOCALES),
        "dct:license": {"@id": _config().data_licence},
        "dcat:dataset": [_dcat_dataset(edition, bundle_of(edition)) for edition in newest_editions()],
    }


def _dcat_dataset(edition: Edition, bundle: Bundle) -> Document:
    config = _config()
    return {
        "@id": f"{config.public_url}/data/{edition.round_code}",
        "@type": "dcat:Dataset",
        "dct:title": _in_languages(edition.titles),
        "dct:description": _in_languages({line["@language"]: line["@value"] for line in _described()}),
        "dct:identifier": edition.round_code,
        "dct:issued": _day(edition.published_on.isoformat()),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _day(edition.period_start.isoformat()),
            "dcat:endDate": _day(edition.period_end.isoformat()),
        },
        "dct:publisher": _publisher(),
        "dct:license": {"@id": config.data_licence},
        "dcat:version": str(edition.number),
        "dcat:hasCurrentVersion": {"@id": _place(edition)},
        "dcat:landingPage": {"@id": f"{config.public_url}/data/{edition.round_code}"},
        "dcat:distribution": [_dcat_file(edition, file) for file in (bundle.whole, *bundle.files)],
    }


def _dcat_file(edition: Edition, file: DataFile) -> Document:
    return {
        "@type": "dcat:Distribution",
        "dct:title": file.name if file.table or file.kind != "zip" else f"{edition.round_code}.zip",
        "dcat:downloadURL": {"@id": _config().public_url + address(edition.round_code, file)},
        "dcat:mediaType": {"@id": MEDIA_URI + _media_type(file)},
        "dcat:byteSize": {"@value": str(file.size), "@type": "xsd:nonNegativeInteger"},
        "dct:license": {"@id": _config().data_licence},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": ALGORITHM,
            "spdx:checksumValue": {"@value": file.digest, "@type": "xsd:hexBinary"},
        },
    }


def address(round_code: str, file: DataFile, number: int | None = None) -> str:
    """Where a file lies: the newest of the round, or for ever that of one run."""
    place = f"/data/{round_code}" if number is None else f"/data/{round_code}/runs/{number}"
    return f"{place}.zip" if file.kind == "zip" else f"{place}/{file.name}"


def _download(edition: Edition, file: DataFile) -> Document:
    return {
        "@type": "DataDownload",
        "name": file.name,
        "contentUrl": _config().public_url + address(edition.round_code, file, edition.number),
        "encodingFormat": _media_type(file),
        "contentSize": f"{file.size} B",
        "sha256": file.digest,
    }


def _variables() -> list[Document]:
    """The numbers in the tables, with their meaning and unit."""
    return [
        {
            "@type": "PropertyValue",
            "name": f"{line['table']}.{line['column']}",
            "description": line[f"meaning_{DEFAULT_LOCALE}"],
            **({"unitText": line["unit"]} if line["unit"] else {}),
        }
        for line in codebook()
        if line["type"] in (NUMBER, WHOLE)
    ]


def _described() -> list[dict[str, str]]:
    """What the tables hold, in every language."""
    said = {locale: titles(locale) for locale in LOCALES}
    return _in_languages({locale: " ".join(f"{said[locale][one.name]}." for one in TABLES) for locale in LOCALES})


def _in_languages(said: dict[str, str]) -> list[dict[str, str]]:
    return [{"@language": locale, "@value": text} for locale, text in said.items()]


def _day(text: str) -> Document:
    return {"@value": text, "@type": "xsd:date"}


def _media_type(file: DataFile) -> str:
    return MEDIA_TYPES[file.kind]


def _place(edition: Edition) -> str:
    return f"{_config().public_url}/data/{edition.round_code}/runs/{edition.number}"


def _publisher() -> Document:
    return {
        "@type": "foaf:Organization",
        "foaf:name": _in_languages(_bodies()),
        "foaf:homepage": {"@id": _config().public_url},
    }


def _bodies() -> dict[str, str]:
    return {locale: content.body_name(locale, _config().body_name) for locale in LOCALES}


def _config() -> Config:
    config: Config = current_app.config["EVALSYS"]
    return config
