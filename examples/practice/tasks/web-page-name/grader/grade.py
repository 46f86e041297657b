"""An answer of the application has to hold the secret of this run."""

import os

from replay import judge

judge(os.environ["SEAMARK_SECRET"], ["app.py"])
