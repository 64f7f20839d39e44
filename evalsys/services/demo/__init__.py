"""The invented city of Rivergate: units, people, answers with planted situations, rounds taken through every state."""

from evalsys.services.demo.load import LoadReport, load_city, load_staff

__all__ = ["LoadReport", "load_city", "load_staff"]
