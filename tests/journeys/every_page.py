"""Every page that stays still enough to be looked at: a new page is a line here."""

#: what it is called in pictures -> its address, and who of the demonstration sees it
PAGES = {
    "welcome": ("/", ""),
    "log_in": ("/log-in", ""),
    "register": ("/register", ""),
    "forgotten": ("/forgotten", ""),
    "verify": ("/verify", ""),
    "reset": ("/reset", ""),
    "not_found": ("/nowhere", ""),
    "home": ("/", "patron"),
    "requests": ("/requests", "patron"),
    "desk": ("/desk", "staff"),
    "desk_readers": ("/desk/readers?query=8000", "staff"),
    "desk_reader": ("/desk/readers?query=21251001", "staff"),
    "office": ("/office", "office"),
}
#: pages of a desk and of an office that only show so far
WITHOUT_PRIMARY = {"desk", "desk_reader", "office"}
