"""What offices commit themselves to with their reply, and what they report on it once their result is public."""

from evalsys.services.commitments.making import NewCommitment, write_commitments
from evalsys.services.commitments.reporting import NewReport, report_commitment

__all__ = ["NewCommitment", "NewReport", "report_commitment", "write_commitments"]
