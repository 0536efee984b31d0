"""pymongo's side: one task in a process of its own; prints seconds, peak memory and sums as JSON."""
import json
import resource
import sys
import time

import pandas
import pymongo

task, uri, database, name, *rest = sys.argv[1:]
rows = pymongo.MongoClient(uri)[database][name]
rows.estimated_document_count()

begun = time.perf_counter()
if task == "push":
    frame = pandas.read_csv(rest[0], na_values=["na"])
    rows.insert_many(frame.to_dict("records"), ordered=False)
else:
    fields = rest[0].split(",")
    found = rows.find({}, {"_id": 0, **{field: 1 for field in fields}}).batch_size(20_000)
    frame = pandas.DataFrame(list(found))
seconds = time.perf_counter() - begun

print(json.dumps({
    "seconds": seconds,
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "rows": len(frame),
    "sums": {name: int(frame[name].sum()) for name in frame.columns} if task == "ingest" else {},
}))
