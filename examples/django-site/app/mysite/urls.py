from django.conf import settings
from django.http import HttpResponse
from django.urls import path
from visits.models import Visit


def home(_request):
    Visit.objects.create()
    lines = [settings.SITE["announcement"], f"Visit {Visit.objects.count()}"]
    return HttpResponse("\n".join(line for line in lines if line), content_type="text/plain; charset=utf-8")


def health(_request):
    return HttpResponse("well", content_type="text/plain")


urlpatterns = [path("", home), path("health", health)]
