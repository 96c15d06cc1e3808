"""What forms of files are made of: fields and kinds of values, checked, read and described from one table."""

import dataclasses
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, dataclass, field, replace
from typing import Any, TypeVar, dataclass_transform

from workflows.policies.document import LONGEST_NAME, Place

Schema = Mapping[str, Any]
Row = Mapping[str, Any]
#: looks at what stands in a place; what else it must know is for the whole form to say
Check = Callable[[Place, Any], None]
T = TypeVar("T")


def _nothing(_place: Place, _known: Any) -> None:
    """Find no fault."""


def _as_is(value: Any, _about: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change means for people, by the name of its sentence; "" where there is nothing to say."""

    #: it grew, or is later
    up: str = ""
    #: it shrank, or is earlier
    down: str = ""
    #: it changed in any other way
    other: str = ""
    #: what a new value means by itself
    values: Mapping[Any, str] = field(default_factory=dict)
    #: nothing said means no limit, so that saying anything is less
    unlimited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of value: how one is checked, how it is read, and what a JSON Schema says of it."""

    check: Check = _nothing
    read: Callable[[Any, Any], Any] = _as_is
    #: what is read where nothing is said
    absent: object = None
    schema: Schema = field(default_factory=dict)
    #: under which a schema keeps it once for all its fields; null may always stand there
    name: str = ""
    #: the form of the sections in it
    form: "Form | None" = None
    #: the keys of its sections are names, not fields
    is_named: bool = False
    #: it is a list, whose rows are told apart by these fields
    told_by: tuple[str, ...] = ()
    #: what is read of it is shown to nobody
    is_secret: bool = False
    #: what a change of it means, unless its field says otherwise
    means: Meaning | None = None

    @property
    def has_several(self) -> bool:
        """Tells whether there are rows or names in it, each with the fields of its form."""
        return self.is_named or bool(self.told_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a form."""

    kind: Kind
    #: what it means, for the documentation
    doc: str
    #: what holds where nothing is said, as a file would say it
    unsaid: Any = None
    required: bool = False
    #: what the record has by itself where nothing is said
    default: Any = field(default_factory=lambda: MISSING)
    #: in the file, where the record calls it something else
    name: str = ""
    #: in the record; none where a field is known and not read
    attribute: str = ""
    #: what a change of it means; a field for which nothing is said is told under the one that it stands in
    means: Meaning | None = None
    #: the same of each of its rows, or of what stands under a name
    each: Meaning | None = None

    def read(self, value: Any, about: Any) -> Any:
        value = self.unsaid if value is None else value
        return self.kind.absent if value is None else self.kind.read(value, about)


def told(
    kind: Kind, doc: str = "", *, means: Meaning | str = "", each: Meaning | str = "", **more: Any
) -> Any:
    """Return a `Field`; that of a record's attribute has its name, unless given another.

    :param means: what a change of it means, if its kind does not say so
    :param each: the same of one of its rows, or of what stands under a name
    """
    return Field(kind=kind, doc=doc, means=_meaning(means) or kind.means, each=_meaning(each), **more)


@dataclass_transform(frozen_default=True, field_specifiers=(told, field))
def record(cls: type[T]) -> type[T]:
    """Return a frozen dataclass, whose attributes stand beside the fields that they are read from."""
    for name, one in list(vars(cls).items()):
        if isinstance(one, Field):
            facts = {"told": replace(one, attribute=name)}
            setattr(cls, name, field(default=one.default, repr=not one.kind.is_secret, metadata=facts))
    return dataclass(frozen=True, slots=True)(cls)


def _meaning(said: Meaning | str) -> Meaning | None:
    return (Meaning(other=said) if said else None) if isinstance(said, str) else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Fields that must stand where another has one of some values."""

    where: str
    has: tuple[object, ...]
    fields: tuple[str, ...]

    @property
    def schema(self) -> Schema:
        condition = {"properties": {self.where: {"enum": list(self.has)}}, "required": [self.where]}
        return {"if": condition, "then": {"required": list(self.fields)}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A section with known fields and no others."""

    #: by their names in the file
    fields: Mapping[str, Field]
    #: makes a record of what was read, by attribute
    build: Callable[..., Any] = dict
    needs: tuple[Need, ...] = ()
    #: what is wrong with fields beside one another
    beside: Check = _nothing
    #: says what a section means that leaves it out
    completed: Callable[[Row], Row] = dict

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(name for name, one in self.fields.items() if one.required)

    def check(self, place: Place, known: Any) -> None:
        if place.is_absent:
            return
        if place.is_section() or place.is_element:
            place.require(*self.required)
        for name, inside in place.fields():
            if name in self.fields:
                self.fields[name].kind.check(inside, known)
            else:
                inside.refuse("unknown_field")
        for need in self.needs:
            if place[need.where].is_among(need.has):
                place.require(*need.fields)
        self.beside(place, known)

    def read(self, row: Row, about: Any) -> Any:
        return self.build(**self.values(row, about))

    def values(self, row: Row, about: Any) -> dict[str, Any]:
        """Return what is read of a section, by attribute."""
        row = self.completed(row)
        return {
            one.attribute: one.read(row.get(name), about)
            for name, one in self.fields.items()
            if one.attribute and (one.default is MISSING or row.get(name) is not None)
        }

    @property
    def schema(self) -> Schema:
        found: dict[str, Any] = {"type": "object"}
        found["properties"] = {name: schema_of(one) for name, one in self.fields.items()}
        if self.required:
            found["required"] = list(self.required)
        found["additionalProperties"] = False
        if self.needs:
            found["allOf"] = [need.schema for need in self.needs]
        return found


def form_of(
    made: type,
    also: Mapping[str, Field] | None = None,
    *,
    build: Callable[..., Any] | None = None,
    needs: tuple[Need, ...] = (),
    beside: Check = _nothing,
    completed: Callable[[Row], Row] = dict,
) -> Form:
    """Return the form of what is read into a `record`.

    :param also: fields that are known and not read
    """
    told_there = [one.metadata["told"] for one in dataclasses.fields(made) if "told" in one.metadata]
    fields = {one.name or one.attribute: one for one in told_there}
    return Form(
        fields={**fields, **(also or {})},
        build=build or made,
        needs=needs,
        beside=beside,
        completed=completed,
    )


def schema_of(one: Field) -> Schema:
    """Return the JSON Schema of a field, with what it means."""
    found = _of_kind(one.kind, may_be_null=not one.required)
    # beside a reference a draft-07 schema says nothing
    return {**found, "description": one.doc} if one.doc and "$ref" not in found else found


def _of_kind(kind: Kind, *, may_be_null: bool = False) -> Schema:
    if kind.name:
        return {"$ref": f"#/definitions/{kind.name}"}
    if not may_be_null or not kind.schema:
        return kind.schema
    if "anyOf" in kind.schema:
        return {**kind.schema, "anyOf": [*kind.schema["anyOf"], {"type": "null"}]}
    if "enum" in kind.schema:
        return {**kind.schema, "enum": [*kind.schema["enum"], None]}
    return {**kind.schema, "type": [kind.schema["type"], "null"]}


# ---------------------------------------------------------------- kinds of values

#: whatever stands there
FREE = Kind()
TEXT = Kind(check=lambda place, _: place.text(), schema={"type": "string"})
NAME = Kind(
    check=lambda place, _: place.words(LONGEST_NAME),
    schema={"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
)
FLAG = Kind(check=lambda place, _: place.boolean(), schema={"type": "boolean"})


def flag(yes: str, no: str) -> Kind:
    """Return the kind that is true or false, each with what it means when it is new."""
    return replace(FLAG, means=Meaning(values={True: yes, False: no}))


def named(name: str, kind: Kind, doc: str = "") -> Kind:
    """Return a kind that a schema keeps once under this name."""
    schema = _of_kind(kind, may_be_null=True)
    return replace(kind, name=name, schema={"description": doc, **schema} if doc else schema)


def choice(*values: object, flag: object = None, **means: str) -> Kind:
    """Return the kind that is one of these values.

    :param flag: the value that is read as true, all others as false
    :param means: more values, each with what it means when it is new
    """
    values = (*values, *means)
    kind = Kind(
        check=lambda place, _: place.one_of(values),
        schema={"enum": list(values)},
        means=Meaning(values=means) if means else None,
    )
    return kind if flag is None else replace(kind, read=lambda value, _: value == flag, absent=False)


def section(form: Form) -> Kind:
    """Return the kind that is a section; one that need not say anything is read where there is none."""
    return Kind(
        check=form.check,
        read=form.read,
        absent=None if form.required else form.read({}, None),
        schema=form.schema,
        form=form,
    )


def rows(
    one: Kind, *, told_by: tuple[str, ...] = (), read_as: Callable[..., Any] = tuple, beside: Check = _nothing
) -> Kind:
    """Return the kind that is a list.

    :param read_as: the collection, of what is read of each row
    """

    def check(place: Place, known: Any) -> None:
        for row in place.rows():
            one.check(row, known)
        beside(place, known)

    return Kind(
        check=check,
        read=lambda values, about: read_as(one.read(value, about) for value in values),
        absent=read_as(()),
        schema={"type": "array", "items": _of_kind(one)},
        form=one.form,
        told_by=told_by,
    )


def names(
    one: Kind,
    *,
    of: Collection[str] | None = None,
    may_be_null: bool = True,
    beside: Check = _nothing,
    completed: Callable[[str, Any], Any] = lambda _, value: value,
) -> Kind:
    """Return the kind that is a section whose keys are names.

    :param of: the only names there are
    :param completed: says what a value means by its name
    """

    def check(place: Place, known: Any) -> None:
        for name, inside in place.fields():
            if of is not None and name not in of:
                inside.refuse("unknown_field")
            if inside.is_absent and not may_be_null:
                inside.refuse("bad_type")
            one.check(inside, known)
        beside(place, known)

    schema = {"type": "object", "additionalProperties": _of_kind(one, may_be_null=may_be_null)}
    return Kind(
        check=check,
        read=lambda told, about: {
            name: one.read(completed(name, value), about) for name, value in told.items()
        },
        absent={},
        schema=schema if of is None else {**schema, "propertyNames": {"enum": list(of)}},
        form=one.form,
        is_named=True,
    )


def one_or_more(one: Kind) -> Kind:
    """Return the kind that is a value, or a list of any of which one will do."""

    def check(place: Place, known: Any) -> None:
        for inside in place.rows() if isinstance(place.value, list) else (place,):
            one.check(inside, known)

    return Kind(check=check, schema={"anyOf": [one.schema, {"type": "array", "items": one.schema}]})
