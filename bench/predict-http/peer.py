"""Serves the forest with FastAPI, as its users do: a validated request, one prediction, a JSON answer."""

import socket
import sys
from pathlib import Path

import numpy
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, create_model

engine, folder = sys.argv[1], Path(sys.argv[2])
columns = [f"x{i}" for i in range(20)]


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


Inputs = create_model("Inputs", __base__=Closed, at=(int, ...), **{name: (float, ...) for name in columns})


class Request(Closed):
    inputs: Inputs


class Prediction(BaseModel):
    label: int
    probability: float


if engine == "sklearn":
    import joblib

    forest = joblib.load(folder / "forest.joblib")

    def probability_of(row: numpy.ndarray) -> float:
        return float(forest.predict_proba(row)[0, 1])

else:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(folder / "forest.onnx", options, providers=["CPUExecutionProvider"])

    def probability_of(row: numpy.ndarray) -> float:
        return float(session.run(["probabilities"], {"x": row})[0][0, 1])


app = FastAPI()


# On the event loop: a thread pool would only add to so short a computation.
@app.post("/predict")
async def predict(request: Request) -> Prediction:
    inputs = request.inputs
    row = numpy.array([[getattr(inputs, name) for name in columns]], dtype=numpy.float32)
    probability = probability_of(row)
    return Prediction(label=int(probability > 0.5), probability=probability)


with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]


class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(f"ready http://127.0.0.1:{port}/predict", flush=True)


config = uvicorn.Config(
    app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", log_level="warning", access_log=False
)
Server(config).run()
