"""The same samples as `attempts -- ask`, measured by Inspect: URL SAMPLES CONNECTIONS. Ends with 77 where it is not installed.

Not called `inspect.py`: Python finds modules beside the script first, and would take it for its own `inspect`.
"""

import os
import resource
import sys
import tempfile
import time

url, count, connections = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.environ["MOCK_API_KEY"] = "none"
os.environ["MOCK_BASE_URL"] = url
begun = time.perf_counter()
try:
    import inspect_ai
    from inspect_ai import Task, eval
    from inspect_ai.dataset import MemoryDataset, Sample
    from inspect_ai.scorer import includes
    from inspect_ai.solver import generate
except ImportError:
    sys.exit(77)
started = time.perf_counter()
spent = time.process_time()

prompt = "What is the weakness of a program that copies what it was sent? " * 8
samples = [Sample(id=number, input=prompt, target=f"secret-{number:08x}") for number in range(1, count + 1)]
task = Task(dataset=MemoryDataset(samples), solver=generate(), scorer=includes())
with tempfile.TemporaryDirectory() as folder:
    log = eval(
        task,
        model="openai-api/mock/mock",
        max_connections=connections,
        max_samples=connections,
        log_dir=folder,
        display="none",
        log_level="warning",
    )[0]
    took = time.perf_counter() - started
    spent = time.process_time() - spent
    size = os.path.getsize(log.location.removeprefix("file://"))
assert log.status == "success", log.status
solved = round(log.results.scores[0].metrics["accuracy"].value * count)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
print(
    f"{count} single turns with Inspect {inspect_ai.__version__}, {connections} connections"
    f" | {count / took:.0f} samples/s, {spent * 1e3 / count:.3f} ms of processor each, {peak:.0f} MB resident at most,"
    f" log {size / count / 1e3:.2f} KB each, {solved} solved"
    f" | beside the row before; {started - begun:.1f} s more to start"
)
