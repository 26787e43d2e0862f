"""Settings of the site: from the charm's file, from the related database, from environment_variables."""

import json
import os
from pathlib import Path

import dj_database_url
from django.core.management.utils import get_random_secret_key

SITE = json.loads(Path(os.environ["SITE_FILE"]).read_text())
# Sessions outlive a restart, and are the same on all units, with SECRET_KEY in environment_variables.
SECRET_KEY = os.environ.get("SECRET_KEY") or get_random_secret_key()
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "mysite.urls"
INSTALLED_APPS = ["visits"]
USE_TZ = True
# Without a relation a file in the home of the application's user, the folder of the machine that it may write.
DATABASES = {"default": dj_database_url.config(default=f"sqlite:///{Path.home()}/site.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
