"""What stands above every page, by who looks: what is to be found from anywhere is a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from workflows.actors import Role


class Entry(NamedTuple):
    """A word that leads to a page."""

    endpoint: str
    message: str


NAVIGATION: Mapping[Role, tuple[Entry, ...]] = MappingProxyType(
    {
        Role.PATRON: (
            Entry("pages.home.show", "navigation.search"),
            Entry("pages.requests.show_all", "navigation.requests"),
            Entry("pages.account.show", "navigation.account"),
            Entry("pages.own_data.show", "navigation.own_data"),
        ),
        Role.STAFF: (
            Entry("pages.desk_home.show", "navigation.desk"),
            Entry("pages.readers.find", "navigation.readers"),
            Entry("pages.reports.show", "navigation.reports"),
            Entry("pages.lending.show", "navigation.lending"),
            Entry("pages.own_desk.show", "navigation.own_desk"),
        ),
        Role.OFFICE: (
            Entry("pages.office_home.show", "navigation.office"),
            Entry("pages.members.show_all", "navigation.members"),
            Entry("pages.rule_files.show_policies", "navigation.policies"),
            Entry("pages.rule_files.show_calendars", "navigation.calendars"),
            Entry("pages.amendments.show_all", "navigation.amendments"),
            Entry("pages.staff.show", "navigation.staff"),
            Entry("pages.keys.show", "navigation.keys"),
            Entry("pages.audit.show", "navigation.audit"),
            Entry("pages.reports.show", "navigation.reports"),
        ),
    }
)
#: where somebody comes to who has logged in and was on no way
FIRST: Mapping[Role, str] = MappingProxyType(
    {
        Role.PATRON: "pages.home.show",
        Role.STAFF: "pages.desk_home.show",
        Role.OFFICE: "pages.office_home.show",
    }
)
