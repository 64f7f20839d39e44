"""The invented city of Rivergate: units, people, answers with planted situations, and rounds taken through every state."""

from evalsys.services.demo.load import LoadReport, load_city

__all__ = ["LoadReport", "load_city"]
