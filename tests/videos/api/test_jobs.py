"""`/api/jobs/…`: one's own work and, for staff, everybody's; every refusal with its code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import AuditEntry, User
from tests.videos.factories import make_video
from videos.jobs import control, leases
from videos.jobs.errors import Reason
from videos.jobs.plans import TRANSCODE_STEPS
from videos.jobs.queue import StepPlan, claim_next, create_job
from videos.models import ContentStatus, Job, JobKind, JobState, Lane, Step, StepState

pytestmark = [pytest.mark.django_db, pytest.mark.database]

COMMANDS = ("pause", "resume", "cancel", "retry")
ARGV = ["/opt/ffmpeg/bin/ffmpeg", "-i", "file:/srv/matinee/media/video/abc/source/x/original.mov", "-r", "30000/1001"]


@pytest.fixture
def job(owner: User) -> Job:
    """The making of an owner's film, not begun."""
    video = make_video(owner, status=ContentStatus.PROCESSING)
    plans = [StepPlan("inspect", Lane.QUICK), StepPlan("part", Lane.ENCODE, 9, stage=1)]
    return create_job(owner=owner, content=video, kind=JobKind.TRANSCODE, parameters={}, steps=plans)


def run_inspection(job: Job, reason: Reason | None = None) -> None:
    claimed = claim_next(lane=Lane.QUICK, worker="host:place:1:1")
    assert claimed is not None
    entry = {"argv": ARGV, "seconds": 1.5, "stderr": "error in /srv/matinee/scratch/j/inspect-0.1/part.mp4: <moov>"}
    leases.append_to_log(claimed, [{**entry, "exit_code": 1, "max_rss_bytes": 5_000_000}])
    if reason is None:
        leases.finish_step(claimed, {})
    else:
        leases.fail_step(claimed, reason)


def at(job: Job, command: str = "") -> str:
    return f"/api/jobs/{job.public_id}/{f'{command}/' if command else ''}"


def test_ones_own_work_is_listed_newest_first_without_its_log(
    api: APIClient, owner: User, stranger: User, job: Job
) -> None:
    newer = create_job(
        owner=owner, content=make_video(owner), kind=JobKind.TRANSCODE, parameters={}, steps=[StepPlan("x", Lane.QUICK)]
    )
    create_job(owner=stranger, content=None, kind="drill", parameters={}, steps=[StepPlan("x", Lane.QUICK)])
    api.force_authenticate(owner)
    body = api.get("/api/jobs/").json()
    assert [each["id"] for each in body["results"]] == [newer.public_id, job.public_id]
    told = body["results"][1]
    assert (told["state"], told["video"], told["owner"]) == ("queued", job.content and job.content.public_id, "owner")
    assert "steps" not in told


def test_a_list_can_be_of_one_film_or_of_one_state(api: APIClient, owner: User, job: Job) -> None:
    other = create_job(
        owner=owner, content=make_video(owner), kind=JobKind.TRANSCODE, parameters={}, steps=[StepPlan("x", Lane.QUICK)]
    )
    control.pause(job=other, actor=owner)
    api.force_authenticate(owner)
    assert job.content is not None

    def listed(query: str) -> list[str]:
        return [each["id"] for each in api.get(f"/api/jobs/?{query}").json()["results"]]

    assert listed(f"video={job.content.public_id}") == [job.public_id]
    assert listed("state=paused") == [other.public_id]
    assert listed("video=nosuchvideo") == []


def test_staff_lists_everybodys_when_they_ask_for_it(api: APIClient, moderator: User, member: User, job: Job) -> None:
    api.force_authenticate(moderator)
    assert api.get("/api/jobs/").json()["count"] == 0
    assert api.get("/api/jobs/?all=true").json()["count"] == 1
    api.force_authenticate(member)
    refused = api.get("/api/jobs/?all=true")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")


@pytest.mark.parametrize("query", ["all=perhaps", "state=lost", "page=99"])
def test_a_list_that_cannot_be_understood_is_refused(api: APIClient, owner: User, query: str) -> None:
    api.force_authenticate(owner)
    assert api.get(f"/api/jobs/?{query}").status_code in {400, 404}


def test_a_list_costs_three_queries_however_long(
    api: APIClient, owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        video = make_video(owner)
        create_job(owner=owner, content=video, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS)
    api.force_authenticate(owner)
    with django_assert_num_queries(3):  # how many, the jobs, their steps
        assert len(api.get("/api/jobs/").json()["results"]) == 5


def test_a_job_tells_all_that_was_done_but_no_paths_to_its_owner(api: APIClient, owner: User, job: Job) -> None:
    run_inspection(job)
    api.force_authenticate(owner)
    body = api.get(at(job)).json()
    assert (body["state"], body["percent"], body["queue_place"]) == ("queued", 10.0, 1)
    assert (body["commands"], body["retry_rungs"]) == (["pause", "cancel"], [])
    first, second = body["steps"]
    assert (first["name"], first["title"], first["state"], first["attempts"]) == (
        "inspect", "Looking at the file", "done", 1,
    )  # fmt: skip
    assert (second["state"], second["stage"], second["log"]) == ("queued", 1, [])
    (entry,) = first["log"]
    assert entry["command"] == "ffmpeg -i file:original.mov -r 30000/1001"
    assert entry["stderr"] == "error in part.mp4: <moov>"
    assert (entry["seconds"], entry["exit_code"], entry["max_rss_bytes"]) == (1.5, 1, 5_000_000)
    assert first["worker"] == ""
    assert "/srv/" not in str(body)


def test_staff_sees_where_and_on_what(api: APIClient, moderator: User, job: Job) -> None:
    run_inspection(job, Reason("corrupt", "moov in /srv/matinee is cut off", is_retryable=False))
    api.force_authenticate(moderator)
    body = api.get(at(job)).json()
    step = body["steps"][0]
    assert step["log"][0]["command"].startswith("/opt/ffmpeg/bin/ffmpeg -i file:/srv/matinee")
    assert step["log"][1]["detail"] == "moov in /srv/matinee is cut off"
    assert step["worker"] == "host:place:1:1"


def test_a_failure_has_a_code_and_a_sentence(api: APIClient, owner: User, job: Job) -> None:
    run_inspection(job, Reason("corrupt", "moov in /srv/matinee is cut off", is_retryable=False))
    api.force_authenticate(owner)
    body = api.get(at(job)).json()
    error = {"code": "corrupt", "message": "The file is damaged and cannot be read."}
    assert (body["state"], body["error"], body["commands"]) == ("failed", error, ["retry"])
    assert body["steps"][0]["log"][-1]["error"] == error
    assert "/srv/" not in str(body)


def test_the_commands_answer_with_the_job_as_it_stands_then(api: APIClient, owner: User, job: Job) -> None:
    api.force_authenticate(owner)
    for command, state, then in [
        ("pause", "paused", ["resume", "cancel"]),
        ("pause", "paused", ["resume", "cancel"]),
        ("resume", "queued", ["pause", "cancel"]),
        ("cancel", "cancelled", ["retry"]),
        ("retry", "queued", ["pause", "cancel"]),
    ]:
        response = api.post(at(job, command))
        body = response.json()
        assert (response.status_code, body["id"], body["state"]) == (200, job.public_id, state)
        assert body["commands"] == then
    assert AuditEntry.objects.count() == 4


def test_one_size_is_made_again_by_another_job(api: APIClient, owner: User) -> None:
    video = make_video(owner)
    job = create_job(owner=owner, content=video, kind=JobKind.TRANSCODE, parameters={}, steps=TRANSCODE_STEPS)
    Step.objects.update(state=StepState.DONE)
    Job.objects.update(state=JobState.DONE)
    api.force_authenticate(owner)
    assert api.get(at(job)).json()["retry_rungs"] == ["720p"]
    unknown = api.post(at(job, "retry"), {"rung": "4320p"})
    assert (unknown.status_code, unknown.json()["code"]) == (400, "unknown_rung")
    body = api.post(at(job, "retry"), {"rung": "720p"}).json()
    assert (body["id"] != job.public_id, body["state"]) == (True, "queued")
    again = api.post(at(job, "retry"), {"rung": "720p"})
    assert (again.status_code, again.json()["code"]) == (409, "superseded")


@pytest.mark.parametrize(
    ("state", "command"),
    [("done", "pause"), ("failed", "resume"), ("done", "cancel"), ("done", "retry"), ("paused", "retry")],
)
def test_a_command_that_does_not_fit_is_a_conflict(
    api: APIClient, owner: User, job: Job, state: str, command: str
) -> None:
    Job.objects.update(state=state)
    api.force_authenticate(owner)
    refused = api.post(at(job, command))
    body = refused.json()
    assert (refused.status_code, body["code"], body["state"]) == (409, "wrong_state", state)


@pytest.mark.parametrize("who", ["member", "stranger"])
def test_of_other_peoples_work_nobody_learns(
    api: APIClient, job: Job, who: str, request: pytest.FixtureRequest
) -> None:
    api.force_authenticate(request.getfixturevalue(who))
    answers = [api.get(at(job)), api.patch(at(job), {"priority": 1}), *(api.post(at(job, word)) for word in COMMANDS)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "not_found")] * 6
    assert api.get("/api/jobs/").json()["count"] == 0
    job.refresh_from_db()
    assert (job.state, job.priority) == (JobState.QUEUED, 100)


def test_guests_are_asked_to_sign_in(api: APIClient, job: Job) -> None:
    answers = [api.get("/api/jobs/"), api.get(at(job)), api.patch(at(job), {"priority": 1})]
    answers += [api.post(at(job, word)) for word in COMMANDS]
    assert {answer.status_code for answer in answers} == {401}


def test_what_is_not_there_is_not_found(api: APIClient, admin: User) -> None:
    api.force_authenticate(admin)
    answers = [api.get("/api/jobs/nosuchjob00/"), *(api.post(f"/api/jobs/nosuchjob00/{word}/") for word in COMMANDS)]
    assert {answer.status_code for answer in answers} == {404}


def test_priority_is_for_staff(api: APIClient, owner: User, moderator: User, job: Job) -> None:
    api.force_authenticate(owner)
    refused = api.patch(at(job), {"priority": 10})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_permitted")
    api.force_authenticate(moderator)
    assert api.patch(at(job), {"priority": 10}).json()["priority"] == 10
    Job.objects.update(state=JobState.DONE)
    assert api.patch(at(job), {"priority": 11}).json()["code"] == "wrong_state"


@pytest.mark.parametrize("body", [{}, {"priority": 0}, {"priority": 1001}, {"priority": "soon"}])
def test_a_priority_must_be_one(api: APIClient, moderator: User, job: Job, body: dict[str, object]) -> None:
    api.force_authenticate(moderator)
    refused = api.patch(at(job), body)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
    assert "priority" in refused.json()["errors"]


def test_a_rung_must_be_a_word(api: APIClient, owner: User, job: Job) -> None:
    api.force_authenticate(owner)
    assert api.post(at(job, "retry"), {"rung": ""}).status_code == 400
    assert api.post(at(job, "retry"), {"rung": ["720p"]}, format="json").status_code == 400


def test_the_owner_of_an_item_steers_work_that_somebody_else_began_on_it(
    api: APIClient, make_user: Callable[..., User], owner: User
) -> None:
    video = make_video(owner)
    job = create_job(
        owner=make_user("helper"),
        content=video,
        kind=JobKind.TRANSCODE,
        parameters={},
        steps=[StepPlan("x", Lane.QUICK)],
    )
    api.force_authenticate(owner)
    assert api.post(at(job, "pause")).json()["state"] == "paused"
