"""Invented names of companies, people and CSMs; web domains end in .example, so that nobody owns them."""

from __future__ import annotations

from segkit.simulator.streams import stream

_STARTS = (
    "Alv", "Bran", "Cal", "Dor", "Esk", "Fen", "Gar", "Hol", "Ist", "Jor", "Kel", "Lun", "Mar", "Nor", "Ost",
    "Pel", "Quil", "Ros", "Sav", "Tarn", "Ul", "Ver", "Wil", "Yar", "Zel",
)  # fmt: skip
_ENDS = (
    "mere", "wick", "vale", "rook", "stead", "ford", "hurst", "holm", "crest", "lund", "mont", "dale",
    "worth", "gate", "moor",
)  # fmt: skip
_TRADES = {
    "Retail": ("Stores", "Outfitters", "Market"),
    "Education": ("Academy", "College", "Learning"),
    "Hospitality": ("Hotels", "Resorts", "Kitchens"),
    "Manufacturing": ("Tools", "Castings", "Works"),
    "Healthcare": ("Clinics", "Care", "Dental"),
    "Finance": ("Credit", "Ledger", "Mutual"),
    "Logistics": ("Freight", "Haulage", "Parcel"),
    "Software": ("Systems", "Labs", "Apps"),
}
_GIVEN = (
    "ada", "bela", "cleo", "dario", "edda", "finn", "gita", "hugo", "ines", "jonas", "kaya", "liam", "mona",
    "nils", "olga", "pablo", "quinn", "rosa", "sami", "tessa", "uma", "vito", "wanda", "xenia", "yusuf",
    "zora",
)  # fmt: skip
CSMS = ("Ines Varga", "Tomas Lindholm", "Priya Raman", "Kofi Mensah", "Lena Brandt")


def companies(seed: int, industries: list[str]) -> list[str]:
    """One different name per account, fit for its industry."""
    rng = stream(seed, "names")
    taken: set[str] = set()
    found = []
    for number, industry in enumerate(industries):
        trade = _TRADES[industry][int(rng.integers(0, 3))]
        stem = _STARTS[int(rng.integers(0, len(_STARTS)))] + _ENDS[int(rng.integers(0, len(_ENDS)))]
        name = f"{stem} {trade}"
        if name in taken:
            name = f"{stem} {trade} {number + 1}"
        taken.add(name)
        found.append(name)
    return found


def domain(company: str) -> str:
    return f"{company.lower().replace(' ', '-')}.example"


def given(number: int) -> str:
    """The given name of the user with this number within the account."""
    name = _GIVEN[number % len(_GIVEN)]
    return name if number < len(_GIVEN) else f"{name}{number // len(_GIVEN) + 1}"
