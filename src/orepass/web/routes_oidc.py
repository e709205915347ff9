"""Routes of OpenID Connect."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["desk"])
