"""The settings file of the red flags."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from biaochi.exchange.register import Register
from biaochi.exchange.source import Source
from biaochi.exchange.structured import read_model
from biaochi.mechanisms.procurement.decisions.redflags import FlagSettings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Flag(_Strict):
    threshold: float | None = None


class _R003(_Flag):
    procurement_methods: list[str] | None = None
    procurement_method_details: dict[str, float] | None = None


class _R018(_Flag):
    procurement_methods: list[str] | None = None


class _R025(_Flag):
    percentile: float | None = Field(default=None, ge=0, le=100)


class _R038(_Flag):
    minimum_submitted_bids: int | None = Field(default=None, ge=1)
    minimum_contracting_processes: int | None = Field(default=None, ge=1)


class _R048(_Flag):
    digits: int | None = Field(default=None, ge=1)
    minimum_contracting_processes: int | None = Field(default=None, ge=1)


class _Exclusions(_Strict):
    procurement_method_details: list[str] = []


class SettingsFile(_Strict):
    """The settings file of the red flags; codes it names are computed, or all when it names none."""

    R003: _R003 | None = None
    R018: _R018 | None = None
    R024: _Flag | None = None
    R025: _R025 | None = None
    R028: _Flag | None = None
    R030: _Flag | None = None
    R035: _Flag | None = None
    R036: _Flag | None = None
    R038: _R038 | None = None
    R048: _R048 | None = None
    R058: _Flag | None = None
    currency: str | None = None
    exclusions: _Exclusions | None = None
    price_comparison_procurement_methods: list[str] | None = None
    no_price_comparison_procurement_methods: list[str] | None = None


def read_settings(register: Register, place: Path | Source | None, days: float | None) -> FlagSettings:
    """Return the settings of a file (schema key optional), with the profile's days for R003."""
    if place is None:
        return FlagSettings.from_mapping({}, days=days)
    found, source = read_model(place, _WithSchema)
    register.remember(source, 0)
    assert found is not None
    return FlagSettings.from_mapping(found.model_dump(exclude_unset=True, exclude={"schema_"}), days=days)


class _WithSchema(SettingsFile):
    schema_: str | None = Field(default=None, alias="schema")
