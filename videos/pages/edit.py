"""A member changes or deletes a film of their own. The rules are the API's (PATCH and DELETE /api/videos/<id>/): the
same services do it. Moderators do theirs in the admin."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from videos.catalogue import selectors
from videos.models import Category, ContentMain
from videos.models.content import WHO_MAY_SEE
from videos.pages.cards import card_for
from videos.publishing import details, versions


class FilmForm(forms.ModelForm[ContentMain]):
    """The words of a film, its shelf, and who may see it."""

    category = forms.ModelChoiceField(
        label=_("Category"), queryset=Category.objects.all(), required=False, empty_label=_("None")
    )
    visibility = forms.ChoiceField(label=_("Who may see it"), choices=list(WHO_MAY_SEE.items()))

    class Meta:
        model = ContentMain
        fields = details.FIELDS
        labels = {"title": _("Title"), "description": _("Description")}
        widgets = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            "description": forms.Textarea(attrs={"rows": 6}),
        }
        error_messages = {"title": {"required": _("A film needs a title.")}}

    @property
    def changes(self) -> dict[str, object]:
        """What is other than it was."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def _own(public_id: str, person: object) -> ContentMain:
    """Http404 for what is somebody else's: these pages are about one's own."""
    assert isinstance(person, User)  # login_required
    video = selectors.own_videos(person).filter(public_id=public_id).first()
    if video is None:
        raise Http404
    return video


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit_video(request: HttpRequest, public_id: str) -> HttpResponse:
    """`/me/videos/<id>/`: the form, and its saving."""
    video = _own(public_id, request.user)
    title = video.title  # a refused form has written into the instance
    form = FilmForm(request.POST if request.method == "POST" else None, instance=video)
    if form.is_bound and form.is_valid():
        details.change(content=_own(public_id, request.user), changes=form.changes)
        messages.success(request, say("Saved."))
        return redirect("videos:edit-video", public_id=public_id)
    shown = _own(public_id, request.user) if form.is_bound else video
    context = {"form": form, "video": shown, "title": title, "card": card_for(shown, viewer=request.user)}
    return render(request, "videos/edit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def delete_video(request: HttpRequest, public_id: str) -> HttpResponse:
    """`/me/videos/<id>/delete/`: asks once, then it is gone with all its files."""
    video = _own(public_id, request.user)
    if request.method == "POST":
        assert isinstance(request.user, User)
        versions.delete(content=video, actor=request.user)
        messages.success(request, say("“%(title)s” has been deleted.") % {"title": video.title})
        return redirect("videos:my-videos")
    return render(request, "videos/delete.html", {"video": video, "card": card_for(video, viewer=request.user)})
