"""The closed lists of what can be wrong with what was sent; each has its sentence in every language."""

from enum import StrEnum


class Flaw(StrEnum):
    """What is wrong with a value, told beside where it stands."""

    # of any value
    REQUIRED = "required"
    NULL = "null"
    UNKNOWN_FIELD = "unknown_field"
    REPEATED = "repeated"
    INVALID = "invalid"
    NOT_TEXT = "not_text"
    NOT_WHOLE = "not_whole"
    NOT_FLAG = "not_flag"
    NOT_LIST = "not_list"
    NOT_OBJECT = "not_object"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    NOTHING_TO_SEE = "nothing_to_see"
    UNKNOWN_WORD = "unknown_word"
    WRONG_FORM = "wrong_form"
    OUT_OF_RANGE = "out_of_range"
    TIMESTAMP_WITHOUT_OFFSET = "timestamp_without_offset"
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_DAY = "bad_day"
    BAD_ISBN = "bad_isbn"
    BAD_ISSN = "bad_issn"
    BAD_MOBILE = "bad_mobile"
    BAD_EMAIL = "bad_email"
    BAD_KEY = "bad_key"
    # of several values together
    TWO_WISHES = "two_wishes"
    NO_WISH = "no_wish"
    NO_QUERY = "no_query"
    NO_CHANGE = "no_change"
    NO_CASE = "no_case"
    NO_PIECE = "no_piece"
    NO_MATCH = "no_match"
    TWO_STARTS = "two_starts"
    ENDS_BEFORE_START = "ends_before_start"
    IS_OVER = "is_over"
    TOO_MANY_DAYS = "too_many_days"
    # of a body as a whole
    TOO_DEEP = "too_deep"
    NOT_JSON = "not_json"
    NOT_XML = "not_xml"
    # of a policy, a calendar, a library, a profile of connectors
    BAD_CODE = "bad_code"
    BAD_CURRENCY = "bad_currency"
    BAD_DATE = "bad_date"
    BAD_ENUM = "bad_enum"
    BAD_HOST = "bad_host"
    BAD_LENGTH = "bad_length"
    BAD_MONEY = "bad_money"
    BAD_NETWORK = "bad_network"
    BAD_NUMBER = "bad_number"
    BAD_PERIOD = "bad_period"
    BAD_PORT = "bad_port"
    BAD_RANGE = "bad_range"
    BAD_REFERENCE = "bad_reference"
    BAD_SCHEME = "bad_scheme"
    BAD_TEXT = "bad_text"
    BAD_TIME = "bad_time"
    BAD_TIMEZONE = "bad_timezone"
    BAD_TYPE = "bad_type"
    BAD_URL = "bad_url"
    BAD_VALUE = "bad_value"
    BAD_ZONE = "bad_zone"
    DUPLICATE_CODE = "duplicate_code"
    FORBIDDEN_ADDRESS = "forbidden_address"
    FRAGMENT = "fragment"
    HOST_NOT_LOOKED_UP = "host_not_looked_up"
    MISSING_CATCH_ALL = "missing_catch_all"
    MISSING_FIELD = "missing_field"
    MISSING_HOST = "missing_host"
    MISSING_POLICY = "missing_policy"
    OVERLAP = "overlap"
    TODAY = "today"
    UNKNOWN_HOST = "unknown_host"
    UNREADABLE = "unreadable"
    USERINFO = "userinfo"
    WRONG_ID = "wrong_id"

    @property
    def code(self) -> str:
        """What programs are told: the same for what differs in its words alone."""
        return _CODES.get(self, self.value)

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"flaw.{self.value}"


_CODES = {
    Flaw.REPEATED: "invalid",
    Flaw.BAD_KEY: "invalid",
    **dict.fromkeys(
        (Flaw.NOT_TEXT, Flaw.NOT_WHOLE, Flaw.NOT_FLAG, Flaw.NOT_LIST, Flaw.NOT_OBJECT), "wrong_type"
    ),
    **dict.fromkeys((Flaw.TWO_WISHES, Flaw.TWO_STARTS), "ambiguous"),
    **dict.fromkeys(
        (Flaw.NO_WISH, Flaw.NO_QUERY, Flaw.NO_CHANGE, Flaw.NO_CASE, Flaw.NO_PIECE, Flaw.NO_MATCH), "required"
    ),
    Flaw.NOTHING_TO_SEE: "too_short",
    Flaw.ENDS_BEFORE_START: "bad_range",
}


class CaseFlaw(StrEnum):
    """Why a case cannot be evaluated."""

    AMOUNT_OUT_OF_RANGE = "amount_out_of_range"
    BAD_COUNT = "bad_count"
    BAD_INPUT = "bad_input"
    BAD_INTERVAL = "bad_interval"
    BAD_PRICE = "bad_price"
    BAD_TIMESTAMP = "bad_timestamp"
    BINDING_FEE_MISSING = "binding_fee_missing"
    CALENDAR_GAP = "calendar_gap"
    CASE_NOT_COVERED = "case_not_covered"
    EDITION_NOT_ACCEPTED = "edition_not_accepted"
    EVENT_OUTSIDE_LOAN = "event_outside_loan"
    FACTOR_OUT_OF_RANGE = "factor_out_of_range"
    FX_RATE_MISSING = "fx_rate_missing"
    INVALID_POLICY = "invalid_policy"
    MONTHS_OUT_OF_RANGE = "months_out_of_range"
    NO_LOAN_CARDS = "no_loan_cards"
    NO_LOAN_RULE = "no_loan_rule"
    PAGES_MISSING = "pages_missing"
    PRICE_MISSING = "price_missing"
    REFERENCE_PRICE_MISSING = "reference_price_missing"
    REPLACEMENT_NOT_OFFERED = "replacement_not_offered"
    REPLACEMENT_REQUIRED = "replacement_required"
    REPLACEMENT_TOO_LATE = "replacement_too_late"
    SET_PRICE_MISSING = "set_price_missing"
    TIMELINE_INCOMPLETE = "timeline_incomplete"
    TIMELINE_ORDER = "timeline_order"
    TIMESTAMP_WITHOUT_OFFSET = "timestamp_without_offset"
    #: of a simulation
    TOO_MANY_GROUPS = "too_many_groups"
    UNKNOWN_CALENDAR = "unknown_calendar"
    UNKNOWN_CATEGORY = "unknown_category"
    UNKNOWN_KIND = "unknown_kind"
    UNKNOWN_PICKUP_SITE = "unknown_pickup_site"
    UNKNOWN_POLICY = "unknown_policy"
    UNKNOWN_VERSION = "unknown_version"
    YEAR_PRICE_MISSING = "year_price_missing"

    @property
    def message(self) -> str:
        """The name of the sentence that says it to people."""
        return f"case.{self.value}"
