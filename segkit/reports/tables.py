"""Frames as bytes, the same every time: CSV that a spreadsheet can open safely, Parquet, JSON, Markdown."""

from __future__ import annotations

import json
from io import BytesIO

import polars as pl

from segkit.reports.sheets import book
from segkit.reports.words import cells, clean, fit

FORMATS = ("csv", "xlsx", "parquet", "json", "jsonl", "md", "table")
SCHEMA = 1
FORMULA = r"^([=+\-@\t\r\n\x00＝＋－＠])"
"""What makes a spreadsheet read a text cell as a formula (OWASP ASVS 5, 1.2.10)."""


def to_bytes(frame: pl.DataFrame, kind: str, *, name: str, raw: bool = False) -> bytes:
    """`kind` is one of FORMATS; `name` says what the rows are, in JSON. `raw`: see to_csv."""
    match kind:
        case "csv":
            return to_csv(frame, raw=raw)
        case "parquet":
            return to_parquet(frame)
        case "xlsx":
            return to_xlsx(frame, name)
        case "json":
            value = {"schema_version": SCHEMA, name: frame.with_columns(_plain()).to_dicts()}
            return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"
        case "jsonl":
            rows = frame.with_columns(_plain()).iter_rows(named=True)
            return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        case "md":
            return _markdown(frame).encode()
        case _:
            return _table(frame).encode()


def to_csv(frame: pl.DataFrame, *, raw: bool = False) -> bytes:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers keep their minus.

    raw: text as it is, for programs, which run no formulas.
    """
    text = frame.with_columns(pl.col(pl.String).replace("", None))
    if not raw:
        texts = [name for name, kind in text.schema.items() if kind == pl.String]
        text = text.with_columns(_guarded(pl.col(name)).alias(name) for name in texts)
    return text.with_columns(_numbers()).write_csv().encode()


def _guarded(text: pl.Expr) -> pl.Expr:
    # To look first costs a quarter of what a replacement does.
    return pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text)


def to_parquet(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def to_xlsx(frame: pl.DataFrame, name: str) -> bytes:
    """One sheet, its header frozen; text is never a formula. Needs xlsxwriter."""
    with book() as made:
        made.sheet(name, frame)
    return made.content


def _numbers() -> pl.Expr:
    """Floats as their shortest text; whole ones without `.0`, so that amounts read like amounts."""
    number = pl.col(pl.Float64)
    whole = (number == number.round(0)) & (number.abs() < 1e15)
    return (
        pl.when(whole)
        .then(number.cast(pl.Int64, strict=False).cast(pl.String))
        .otherwise(number.cast(pl.String))
    )


def _plain() -> pl.Expr:
    """Dates as ISO text, which JSON has no type for."""
    return pl.col(pl.Date).dt.to_string("%Y-%m-%d")


def _texts(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(_plain()).with_columns(_numbers()).cast(pl.String).fill_null("")


def _markdown(frame: pl.DataFrame) -> str:
    rows = [frame.columns, ["---"] * frame.width, *_texts(frame).iter_rows()]
    return "".join("| " + " | ".join(escape_markdown(cell) for cell in row) + " |\n" for row in rows)


def _table(frame: pl.DataFrame) -> str:
    """Aligned columns, each at most 40 wide."""
    rows = [tuple(frame.columns), *_texts(frame).iter_rows()]
    cleaned = [[clean(cell) for cell in row] for row in rows]
    widths = [min(40, max(cells(row[i]) for row in cleaned)) for i in range(frame.width)]
    return "".join("  ".join(map(fit, row, widths)).rstrip() + "\n" for row in cleaned)


def escape_markdown(text: str) -> str:
    """Customer text on one line, that cannot open a cell, a link or a tag."""
    text = clean(text)
    for sign in "\\`*[]<>|":
        text = text.replace(sign, f"\\{sign}" if sign not in "<>" else {"<": "&lt;", ">": "&gt;"}[sign])
    return text
