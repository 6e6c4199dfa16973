"""Looks for faces in a recording and says where they are, as JSON lines. Runs inside the sandbox, as a program of its own.

It imports onnx, onnxruntime, numpy and the standard library only, and lets ffmpeg, which is in the room with it, open
the recording. The model is CenterFace (Xu et al. 2019): for each field of four by four pixels it tells how sure it is
that a face has its middle there, how tall and wide the face is, and how far off the field's corner its middle lies.

    program.py LIBRARIES MODEL WIDTH HEIGHT THREADS FFMPEG [WORD ...]

The first line says that it is ready; each one after it is for one picture: a list of faces, as left, top, width and
height in parts of the picture.
"""

import json
import os
import subprocess
import sys
from typing import Any

READY = "ready"
INPUT_TENSOR = "input.1"
SCORES_TENSOR, SIZES_TENSOR, OFFSETS_TENSOR = "537", "538", "539"
CELL_PIXELS = 4  # pixels
# Low, because a thing that is covered for nothing does no harm, and a face that is not covered does.
MIN_SCORE = 0.25
CHANNELS = 3


def main(arguments: list[str]) -> int:
    libraries, model, width, height, threads, *command = arguments
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # it looks up hosts otherwise, which are not to be had in here
    sys.path.append(libraries)
    session = _load_model(model, int(threads))
    write_json_line(READY)
    size = int(width) * int(height) * CHANNELS
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as reader:
        stream = reader.stdout
        while stream is not None and len(picture := stream.read(size)) == size:
            write_json_line(_detect_faces(session, picture, int(width), int(height)))
    return reader.returncode


def _load_model(path: str, threads: int) -> Any:
    """Open the model for pictures of any size; it was saved for one, though nothing in it depends on that."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    for side in (*model.graph.input, *model.graph.output):
        sizes = side.type.tensor_type.shape.dim
        if side.name in {INPUT_TENSOR, "537", "538", "539", "540"}:
            for place, name in ((0, "count"), (2, "height"), (3, "width")):
                sizes[place].dim_param = f"{name} of {side.name}"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors; it complains about surplus weights in this model
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _detect_faces(session: Any, picture: bytes, width: int, height: int) -> list[list[float]]:
    import numpy as np

    pixels = np.frombuffer(picture, dtype=np.uint8).reshape(height, width, CHANNELS)
    asked = {INPUT_TENSOR: pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float32)}
    sureness, sizes, offsets = session.run([SCORES_TENSOR, SIZES_TENSOR, OFFSETS_TENSOR], asked)
    rows, columns = np.nonzero(sureness[0, 0] > MIN_SCORE)
    tall, wide = (CELL_PIXELS * np.exp(sizes[0, axis, rows, columns]) for axis in (0, 1))
    middle_y = CELL_PIXELS * (rows + offsets[0, 0, rows, columns] + 0.5)
    middle_x = CELL_PIXELS * (columns + offsets[0, 1, rows, columns] + 0.5)
    found = np.stack(
        [(middle_x - wide / 2) / width, (middle_y - tall / 2) / height, wide / width, tall / height], axis=1
    )
    return [[round(float(part), 4) for part in face] for face in found]


def write_json_line(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
