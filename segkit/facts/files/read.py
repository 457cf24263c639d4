"""A file -> batches of rows with their line numbers: text as text, typed columns typed, nothing padded."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice

import polars as pl
from msgspec import Struct
from msgspec.structs import replace

from segkit.errors import InputError, Problem
from segkit.facts.files import workbook
from segkit.facts.files.even import even
from segkit.facts.files.found import ExportFile, content
from segkit.facts.files.lines import BAD, LINE, Records, split_records
from segkit.facts.files.quiet import no_panic_text
from segkit.facts.files.texts import BATCH_LINES, LONGEST, UTF8, first_lines_of, lines_of
from segkit.facts.files.unpacked import MOST_ROWS, too_much
from segkit.facts.samples import without_addresses

BATCH_ROWS = 1_000_000
"""Of typed files: an export of a week is mostly one batch, and two of them are held at a time."""
FAULTS: tuple[type[BaseException], ...] = (
    pl.exceptions.PolarsError,
    # A BaseException: a corrupt Parquet file panics inside Polars.
    pl.exceptions.PanicException,
    OSError,
    ValueError,
    EOFError,
    zlib.error,
)
"""What reading a damaged file may raise."""


class Batch(Struct, frozen=True):
    """rows: _line and the file's own columns. bad: see lines.BAD.

    text: _line, text of every row as it stands in the file, or what tells them; None for Parquet.
    stripped: no cell begins or ends with white space, and none is empty text.
    """

    rows: pl.DataFrame
    bad: pl.DataFrame
    text: pl.DataFrame | Callable[[], pl.DataFrame] | None = None
    stripped: bool = False

    def lines(self) -> pl.DataFrame | None:
        """`text`, told."""
        return self.text() if callable(self.text) else self.text


class Opened(Struct, frozen=True):
    """A file whose header is known."""

    file: ExportFile
    header: tuple[str, ...]
    separator: str
    encoding: str
    more: tuple[tuple[str, ...], ...] = ()
    """Further header rows."""
    sheet: str | None = None


NO_BAD = pl.DataFrame(schema=BAD)


def open_file(
    file: ExportFile,
    *,
    separator: str = ",",
    encoding: str = "utf-8",
    sheet: str | None = None,
    header_rows: int = 1,
) -> Opened:
    """Read the header. Raises InputError D103 (nothing in it), D104 (unreadable), D115 (which sheet)."""
    more: list[tuple[str, ...]] = []
    try:
        if file.format == "parquet":
            with no_panic_text():
                header = tuple(pl.read_parquet_schema(file.path))
        elif file.format == "jsonl":
            header = _json_keys(file, encoding)
        elif file.format == "xlsx":
            header, *more = workbook.headers(file, sheet, header_rows) or [()]
        else:
            header, *more = _csv_header(file, separator, encoding, header_rows) or [()]
    except FAULTS as error:
        raise InputError(unreadable(file, error, encoding)) from error
    if not header:
        raise InputError(_nothing(file))
    return Opened(file, header, separator, encoding, tuple(more), sheet)


def _nothing(file: ExportFile) -> Problem:
    if file.format == "jsonl":
        what = "no line is a JSON object"
        return Problem("D104", what, file.place(1), "JSON lines hold one object a line: {…}")
    return Problem("D103", "the file holds nothing but blank lines", file.place(), "export it again")


def batches(
    opened: Opened, columns: tuple[str, ...], written: Mapping[str, workbook.Written] | None = None
) -> Iterator[Batch]:
    """Rows of at most half a million each, only `columns`. Raises InputError D104.

    written: header -> how the real dates and numbers of a workbook are to be written.
    """
    try:
        if opened.file.format == "xlsx":
            places = {name: opened.header.index(name) for name in columns}
            skip = 1 + len(opened.more)
            found = workbook.frames(opened.file, opened.sheet, places, written or {}, skip)
            yield from (Batch(rows, NO_BAD, text) for rows, text in found)
        else:
            read = {"parquet": _parquet, "jsonl": _jsonl, "csv": _csv}[opened.file.format]
            yield from read(opened, columns)
    except FAULTS as error:
        raise InputError(unreadable(opened.file, error, opened.encoding)) from error


def unreadable(file: ExportFile, error: BaseException, encoding: str) -> Problem:
    """D104 in words: never the library's own text where it says nothing to a user."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, pl.exceptions.ComputeError) and "utf8" in text.lower().replace("-", ""):
        return Problem(
            "D104",
            f"not {encoding.upper()} text: {_first_bad_byte(file)}",
            file.place(),
            "declare what it is, e.g. encoding: cp1252",
        )
    if isinstance(error, UnicodeDecodeError):
        what = f"not {encoding} text: byte {error.object[error.start]:#04x} at offset {error.start}"
        return Problem("D104", what, file.place(), "declare what it is, e.g. encoding: cp1252")
    hint = "the file seems cut or damaged; export it again"
    if isinstance(error, pl.exceptions.PanicException):
        text = "the file is damaged"
    elif isinstance(error, OSError) and error.strerror:
        text = error.strerror
    # The library may quote what it could not read.
    return Problem("D104", f"cannot be read: {without_addresses(text)}", file.place(), hint)


def _first_bad_byte(file: ExportFile) -> str:
    try:
        data = content(file)
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f"byte {data[error.start]:#04x} at offset {error.start} (line {line})"
    except FAULTS:
        pass
    return "a byte that cannot stand there"


def _csv_header(file: ExportFile, separator: str, encoding: str, rows: int) -> list[tuple[str, ...]]:
    frame = first_lines_of(file, encoding, 1000)
    filled = frame.filter(pl.col("text") != "")["text"].head(50).to_list()
    found = list(islice(_records("\n".join(filled), separator), rows))
    if filled and not found:
        raise ValueError(f"its first line holds a name of more than {csv.field_size_limit():,} characters")
    return found


def _records(text: str, separator: str) -> Iterator[tuple[str, ...]]:
    """As far as they can be told apart."""
    try:
        yield from map(tuple, csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error:
        return


def _csv(opened: Opened, columns: tuple[str, ...]) -> Iterator[Batch]:
    width = len(opened.header)
    # With one name twice only the first column of that name is meant; `accept` refuses a mapped one.
    places = {name: opened.header.index(name) for name in columns}
    if opened.encoding in UTF8 and not opened.more:
        found = even(opened.file, opened.separator, width, places)
        if found is not None:
            yield Batch(found.rows, NO_BAD, found.text, found.stripped)
            return
    rest: pl.DataFrame | None = None
    head: tuple[int, str] | None = None
    more = len(opened.more)
    for frame, last in _with_last(lines_of(opened.file, opened.encoding)):
        frame, long = without_long(frame, opened)
        lines = frame if rest is None else pl.concat([rest, frame])
        records = split_records(lines, opened.separator, width, last)
        rest = records.rest
        head = head or _head(records)
        batch = _batch(records, opened.separator, places)
        batch = batch if long.is_empty() else replace(batch, bad=pl.concat([batch.bad, long]))
        if head is not None:
            batch, more = _without_more(_without_headers(batch, *head), more)
        yield batch


def _head(records: Records) -> tuple[int, str] | None:
    """Line and text of the header as it stands in the file; None where no record came yet.

    Raises ValueError where it is broken: a row would be taken for it.
    """
    firsts = [
        frame.head(1).select(LINE, "text", pl.lit(broken).alias("broken"))
        for frame, broken in ((records.plain, False), (records.quoted, False), (records.bad, True))
    ]
    found = pl.concat(firsts).sort(LINE).rows()
    if not found:
        return None
    line, text, broken = found[0]
    if broken:
        raise ValueError(f"its header is broken: {records.bad['why'][0]}")
    return line, text


def _without_headers(batch: Batch, line: int, header: str) -> Batch:
    """The header is no row; where it comes again it is a row refused (D209)."""
    text = batch.lines()
    assert text is not None
    same = text["text"] == header
    if not same.any():
        return batch
    again = text.filter(same & (text[LINE] != line)).with_columns(
        pl.lit("D209").alias("code"), pl.lit("the header again").alias("why")
    )
    return Batch(batch.rows.filter(~same), pl.concat([batch.bad, again]), text.filter(~same))


def _without_more(batch: Batch, rows: int) -> tuple[Batch, int]:
    """The batch without its first `rows` records, which are of the header; and how many are still to come."""
    if not rows:
        return batch, 0
    lines = pl.concat([batch.rows[LINE], batch.bad[LINE]]).sort().head(rows)
    rest = ~pl.col(LINE).is_in(lines.implode())
    text = batch.lines()
    assert text is not None
    return Batch(batch.rows.filter(rest), batch.bad.filter(rest), text.filter(rest)), rows - len(lines)


def first_lines(opened: Opened, number: int) -> list[tuple[int, str]]:
    """Number and text of the first lines that are not blank. Raises InputError D104."""
    try:
        frame = first_lines_of(opened.file, opened.encoding, BATCH_LINES)
    except FAULTS as error:
        raise InputError(unreadable(opened.file, error, opened.encoding)) from error
    return frame.filter(pl.col("text") != "").head(number).rows()


def without_long(frame: pl.DataFrame, opened: Opened) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Lines that can be rows; and, as lines.BAD, those longer than any row, with the column to blame."""
    size = frame["text"].str.len_bytes()
    if (size.max() or 0) <= LONGEST:  # type: ignore[operator]
        return frame, NO_BAD
    bad = []
    for line, text in frame.filter(size > LONGEST).iter_rows():
        if opened.file.format == "jsonl":
            fields = {name: len(str(value)) for name, value in _object(text).items()}
        else:
            fields = dict(zip(opened.header, map(len, text.split(opened.separator)), strict=False))
        longest = max(fields, key=lambda name: fields[name], default=None)
        where = f", most of them in {longest}" if longest is not None else ""
        bad.append((line, f"{text[:100]}…", "D206", f"a line of {len(text):,} characters{where}"))
    return frame.filter(size <= LONGEST), pl.DataFrame(bad, schema=BAD, orient="row")


def _with_last(frames: Iterator[pl.DataFrame]) -> Iterator[tuple[pl.DataFrame, bool]]:
    held = next(frames, None)
    while held is not None:
        following = next(frames, None)
        yield held, following is None
        held = following


def _batch(records: Records, separator: str, places: dict[str, int]) -> Batch:
    """Records -> one text column per wanted header; empty text is null."""
    fields = records.plain["fields"].struct
    plain = pl.DataFrame(
        [records.plain[LINE], *(fields.field(f"field_{at}").alias(name) for name, at in places.items())]
    )
    text = records.plain.select(LINE, "text")
    if records.quoted.is_empty():
        return Batch(plain, records.bad, text)
    rows = pl.concat([plain, _unquoted(records.quoted, separator, places)])
    order = rows[LINE].arg_sort()
    return Batch(rows[order], records.bad, pl.concat([text, records.quoted])[order])


def _unquoted(quoted: pl.DataFrame, separator: str, places: dict[str, int]) -> pl.DataFrame:
    wanted = sorted(set(places.values()))
    table = pl.read_csv(
        io.BytesIO(quoted["text"].str.join("\n").item().encode()),
        has_header=False,
        separator=separator,
        infer_schema=False,
        columns=wanted,
    )
    if table.height != quoted.height:
        raise ValueError("its quotes cannot be told apart")
    by_place = dict(zip(wanted, table.columns, strict=True))
    return pl.DataFrame([quoted[LINE], *(table[by_place[at]].alias(name) for name, at in places.items())])


def _parquet(opened: Opened, columns: tuple[str, ...]) -> Iterator[Batch]:
    lazy = pl.scan_parquet(opened.file.path, glob=False, hive_partitioning=False)
    with no_panic_text():
        rows = int(lazy.select(pl.len()).collect().item())
    if rows > MOST_ROWS:
        raise InputError(too_much(opened.file, f"{rows:,} rows; {MOST_ROWS:,} are read of one file"))
    start = 0
    while start < rows:
        with no_panic_text():
            frame = lazy.select(columns).slice(start, BATCH_ROWS).collect()
        numbers = pl.int_range(start + 1, start + 1 + frame.height, dtype=pl.Int64, eager=True)
        yield Batch(frame.with_columns(numbers.alias(LINE)), NO_BAD)
        start += BATCH_ROWS


def _json_keys(file: ExportFile, encoding: str) -> tuple[str, ...]:
    """Keys of the first hundred objects, in order of appearance."""
    keys: dict[str, None] = {}
    for text in first_lines_of(file, encoding, 100)["text"]:
        keys.update(dict.fromkeys(_object(text)))
    return tuple(keys)


def later_keys(opened: Opened, names: Sequence[str]) -> tuple[str, ...]:
    """Those of `names` that only objects after the first hundred have."""
    if opened.file.format != "jsonl" or not names:
        return ()
    found: set[str] = set()
    for frame in lines_of(opened.file, opened.encoding):
        for name in set(names) - found:
            if frame["text"].str.contains(json.dumps(name, ensure_ascii=False), literal=True).any():
                found.add(name)
    return tuple(name for name in names if name in found)


def _object(text: str) -> dict[str, object]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _jsonl(opened: Opened, columns: tuple[str, ...]) -> Iterator[Batch]:
    for frame in lines_of(opened.file, opened.encoding):
        frame, long = without_long(frame, opened)
        frame = frame.filter(pl.col("text").str.strip_chars() != "")
        whole = pl.col("text").str.json_path_match("$")
        broken = frame.filter(whole.is_null() | ~pl.col("text").str.strip_chars_start().str.starts_with("{"))
        good = frame.join(broken.select(LINE), on=LINE, how="anti", maintain_order="left")
        paths = {name: f"$[{json.dumps(name, ensure_ascii=False)}]" for name in columns}
        values = [pl.col("text").str.json_path_match(path).alias(name) for name, path in paths.items()]
        bad = broken.with_columns(pl.lit("D206").alias("code"), pl.lit("no JSON object").alias("why"))
        yield Batch(good.select(LINE, *values), pl.concat([bad.select(*BAD), long]), good)
