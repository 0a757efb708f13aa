"""`/api/jobs/…`: one's own work, how it stands, what was done, and steering it. Of other people's jobs nobody but staff
learns that they exist."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.problems import problems
from accounts.models import User
from videos.api import job_serializers as serializers
from videos.api.filters import WhoseFilterSet, YesOrNoFilter
from videos.errors import NotPermitted
from videos.jobs import control, report
from videos.models import Job, JobState

Service = Callable[..., Job]
_ANSWERS = {200: serializers.FullJobSerializer, **problems(400, 401, 403, 404, 409)}


class JobFilter(WhoseFilterSet):
    """`?video=<id>`, `?state=<state>`, `?all=true` for everybody's (staff)."""

    video = django_filters.CharFilter(field_name="content__public_id", label=_("public id of an item"))
    state = django_filters.ChoiceFilter(choices=JobState.choices)
    all = YesOrNoFilter(method="already_decided", label=_("everybody’s instead of one’s own; for staff"))

    class Meta:
        model = Job
        fields = ["video", "state", "all"]

    def whose_list(self) -> QuerySet[Job]:
        person = cast("User", self.request.user)
        wants_all = bool(self.form.cleaned_data["all"])
        if wants_all and not control.is_steward(person):
            raise NotPermitted
        return report.jobs_for(person, everybodys=wants_all)


class JobListView(GenericAPIView[Job]):
    """Work, the newest first."""

    permission_classes = [IsAuthenticated]
    serializer_class = serializers.JobSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = JobFilter
    queryset = Job.objects.none()  # JobFilter knows whose list is asked for

    @extend_schema(
        operation_id="jobs_list", responses={200: serializers.JobSerializer(many=True), **problems(400, 401, 403)}
    )
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(report.with_steps(self.filter_queryset(self.get_queryset())))
        listed = [report.summary(job, report.steps_at_hand(job)) for job in page or []]
        return self.get_paginated_response(self.get_serializer(listed, many=True).data)


class _OneJobView(GenericAPIView[Job]):
    permission_classes = [IsAuthenticated]
    serializer_class = serializers.FullJobSerializer

    def job(self, request: Request, public_id: str) -> Job:
        """Raises Http404 for what is not this person's to know."""
        jobs = report.jobs_for(cast("User", request.user), everybodys=True)
        found = jobs.filter(public_id=public_id).first()
        if found is None:
            raise Http404
        return found

    def answer(self, request: Request, job: Job) -> Response:
        body = serializers.FullJobSerializer(report.report(job, viewer=cast("User", request.user))).data
        return Response(body, headers={"Cache-Control": "private, no-store"})

    def steer(self, request: Request, public_id: str, service: Service, **facts: object) -> Response:
        """Has the service do it, and answers with the job as it stands then."""
        job = service(job=self.job(request, public_id), actor=cast("User", request.user), **facts)
        return self.answer(request, job)


class JobView(_OneJobView):
    """One job."""

    @extend_schema(operation_id="jobs_retrieve", responses={200: serializers.FullJobSerializer, **problems(401, 404)})
    def get(self, request: Request, public_id: str) -> Response:
        """How it stands, and everything that was done: commands, how long they took, the last of what they said."""
        return self.answer(request, self.job(request, public_id))

    @extend_schema(operation_id="jobs_change", request=serializers.PrioritySerializer, responses=_ANSWERS)
    def patch(self, request: Request, public_id: str) -> Response:
        """Moves it in the queue; for staff. 409 `wrong_state` when it has ended."""
        job = self.job(request, public_id)
        change = serializers.PrioritySerializer(data=request.data)
        change.is_valid(raise_exception=True)
        return self.steer(request, job.public_id, control.set_priority, priority=change.validated_data["priority"])


class PauseView(_OneJobView):
    """Stop it where it stands."""

    @extend_schema(operation_id="jobs_pause", request=None, responses=_ANSWERS)
    def post(self, request: Request, public_id: str) -> Response:
        """Who works on it stops within seconds; what is done stays done. 409 `wrong_state` when it has ended."""
        return self.steer(request, public_id, control.pause)


class ResumeView(_OneJobView):
    """Let it go on."""

    @extend_schema(operation_id="jobs_resume", request=None, responses=_ANSWERS)
    def post(self, request: Request, public_id: str) -> Response:
        """Back into the line, where it stood. 409 `wrong_state` when it has ended."""
        return self.steer(request, public_id, control.resume)


class CancelView(_OneJobView):
    """End it."""

    @extend_schema(operation_id="jobs_cancel", request=None, responses=_ANSWERS)
    def post(self, request: Request, public_id: str) -> Response:
        """What can be played to its end stays; an item of which that cannot be said has failed. 409 `wrong_state` when
        it has ended otherwise."""
        return self.steer(request, public_id, control.cancel)


class RetryView(_OneJobView):
    """Have it done after all."""

    @extend_schema(operation_id="jobs_retry", request=serializers.RetrySerializer, responses=_ANSWERS)
    def post(self, request: Request, public_id: str) -> Response:
        """What failed or was cancelled goes on from where it stood; long after its end a new job does it, and is the
        answer. With `rung`, a new job makes this one size again. 409 `wrong_state` for what is paused or done, and
        `superseded` when newer work is about the item; 400 `unknown_rung`."""
        wish = serializers.RetrySerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        if "rung" in wish.validated_data:
            return self.steer(request, public_id, control.retry_rung, rung=wish.validated_data["rung"])
        return self.steer(request, public_id, control.retry)
