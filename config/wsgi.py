"""The web server's entrance."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# After Django: it brings the models along.
from recommendations.index.warmup import start_warmup  # noqa: E402

start_warmup()
