"""Routes of tables: hand one in, see how far it is, take the answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Path, Response, UploadFile
from fastapi.responses import FileResponse

from orepass.licences.types import DAY
from orepass.web.answers import JobShown
from orepass.web.guarding import Asking, Shared
from orepass.web.jobs import Job

router = APIRouter(tags=["screen"])
Key = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
MEDIA = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {media: {} for media in MEDIA.values()}}
}


def _shown(job: Job) -> JobShown:
    state: Any = job.state
    return JobShown(
        id=job.id,
        name=job.name,
        state=state,
        rows=job.rows,
        total=job.total,
        made_at=job.made_at,
        error=job.detail.get("error", ""),
        outcomes=job.detail.get("outcomes", {}),
    )


@router.post("/screen", status_code=202, summary="Hand in a table to be screened")
def screen(
    shared: Shared,
    caller: Asking,
    file: Annotated[UploadFile, File(description="CSV, XLSX or Parquet; one goods line a row.")],
    answer: Annotated[Literal["xlsx", "csv", "parquet"], Form(description="How the answers are to come.")] = "xlsx",
    on: Annotated[str | None, Form(pattern=DAY, description="Day for rows without one; today unless named.")] = None,
) -> JobShown:
    """The table is screened beside other work; ask for its progress."""
    return _shown(shared.jobs.add(caller, file.filename or "", file.file, answer, on))


@router.get("/screen", summary="The tables of one's organisation")
def jobs(shared: Shared, caller: Asking) -> list[JobShown]:
    """The newest first."""
    return [_shown(job) for job in shared.jobs.jobs(caller)]


@router.get("/screen/{key}", summary="How far a table is")
def job(key: Key, shared: Shared, caller: Asking) -> JobShown:
    """Rows done of rows in all; at the end what they add up to."""
    return _shown(shared.jobs.job(caller, key))


@router.get("/screen/{key}/answers", summary="The answers", response_class=FileResponse, responses=_FILE)
def answers(key: Key, shared: Shared, caller: Asking) -> FileResponse:
    """Every column and row of the table, with its answer."""
    found = shared.jobs.answer(caller, key)
    return FileResponse(found, media_type=MEDIA[found.suffix], filename=f"answers{found.suffix}")


@router.delete("/screen/{key}", status_code=204, summary="Throw a table and its answers away", response_class=Response)
def remove(key: Key, shared: Shared, caller: Asking) -> Response:
    """Nothing of it is kept."""
    shared.jobs.remove(caller, key)
    return Response(status_code=204)
