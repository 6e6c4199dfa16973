import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Imports models, so Django must be set up first.
from recommendations.index.warmup import start_warmup  # noqa: E402

start_warmup()
