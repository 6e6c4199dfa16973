import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# Imports models, so Django must be set up first.
from recommendations.index import warmup  # noqa: E402

warmup.start_warmup()
