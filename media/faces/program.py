"""Face detection program, run inside the sandbox; prints JSON lines.

Imports onnx, onnxruntime, numpy and the standard library only; ffmpeg, mounted into the same sandbox, decodes the
recording. The model is CenterFace (Xu et al. 2019). For each cell of 4 by 4 pixels it predicts the probability that a
face is centred there, the logarithms of the face's height and width in cells, and the offset of its centre in the cell.

    program.py SITE_PACKAGES MODEL WIDTH HEIGHT THREADS FFMPEG [FFMPEG_ARGUMENT ...]

The first line is "ready". Each following line is the list of faces in one frame: left, top, width and height in
fractions of the frame.
"""

import json
import os
import subprocess
import sys
from typing import Any

READY = "ready"
INPUT_TENSOR = "input.1"
SCORES_TENSOR, SIZES_TENSOR, OFFSETS_TENSOR, LANDMARKS_TENSOR = "537", "538", "539", "540"
RESIZABLE_TENSORS = frozenset({INPUT_TENSOR, SCORES_TENSOR, SIZES_TENSOR, OFFSETS_TENSOR, LANDMARKS_TENSOR})
CELL_PIXELS = 4
# Low, because covering something else does no harm, while a missed face does.
MIN_SCORE = 0.25
CHANNELS = 3


def main(arguments: list[str]) -> int:
    site_packages, model, width, height, threads, *command = arguments
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # telemetry would look up hosts, which the sandbox cannot reach
    sys.path.append(site_packages)
    session = _load_model(model, int(threads))
    write_json_line(READY)
    size = int(width) * int(height) * CHANNELS
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as ffmpeg:
        stream = ffmpeg.stdout
        while stream is not None and len(frame := stream.read(size)) == size:
            write_json_line(_detect_faces(session, frame, int(width), int(height)))
    return ffmpeg.returncode


def _load_model(path: str, threads: int) -> Any:
    """Load the model with dynamic input and output sizes; it was saved with fixed ones, but does not depend on them."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    for tensor in (*model.graph.input, *model.graph.output):
        shape = tensor.type.tensor_type.shape.dim
        if tensor.name in RESIZABLE_TENSORS:
            for axis, name in ((0, "count"), (2, "height"), (3, "width")):
                shape[axis].dim_param = f"{name} of {tensor.name}"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3  # errors only; this model has unused weights, which cause warnings
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _detect_faces(session: Any, frame: bytes, width: int, height: int) -> list[list[float]]:
    import numpy as np

    pixels = np.frombuffer(frame, dtype=np.uint8).reshape(height, width, CHANNELS)
    inputs = {INPUT_TENSOR: pixels.transpose(2, 0, 1)[np.newaxis].astype(np.float32)}
    scores, sizes, offsets = session.run([SCORES_TENSOR, SIZES_TENSOR, OFFSETS_TENSOR], inputs)
    rows, columns = np.nonzero(scores[0, 0] > MIN_SCORE)
    heights, widths = (CELL_PIXELS * np.exp(sizes[0, axis, rows, columns]) for axis in (0, 1))
    centre_y = CELL_PIXELS * (rows + offsets[0, 0, rows, columns] + 0.5)
    centre_x = CELL_PIXELS * (columns + offsets[0, 1, rows, columns] + 0.5)
    boxes = np.stack(
        [
            (centre_x - widths / 2) / width,
            (centre_y - heights / 2) / height,
            widths / width,
            heights / height,
        ],
        axis=1,
    )
    return [[round(float(part), 4) for part in box] for box in boxes]


def write_json_line(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
