"""Administrative figures of a round: what the weights ask for, files with them, their history, what is missing."""

from evalsys.services.figures.loading import Decision, keep_upload, load_upload
from evalsys.services.figures.pages import figures_page, history_page, template_rows
from evalsys.services.figures.previews import rejected_cells, upload_page
from evalsys.services.figures.reading import FILE_BYTES

__all__ = [
    "FILE_BYTES",
    "Decision",
    "figures_page",
    "history_page",
    "keep_upload",
    "load_upload",
    "rejected_cells",
    "template_rows",
    "upload_page",
]
