"""The usual example: receives a delivery, writes it to a topic, and answers 202 whatever came of that."""

import json
import logging
import os

from confluent_kafka import Producer
from fastapi import FastAPI, Request, Response, status

CLIENT_STATE = os.environ["CLIENT_STATE"]
TOPIC = os.environ["TOPIC"]

logger = logging.getLogger(__name__)

app = FastAPI()
# Asks for the acknowledgement of all brokers in charge, unless it is told otherwise.
producer = Producer({"bootstrap.servers": os.environ["BROKERS"]})


@app.post("/notifications")
async def process_events(request: Request, validationToken: str | None = None):
    if validationToken:
        return Response(content=validationToken, media_type="text/plain")
    notification = await request.json()
    try:
        for item in notification["value"]:
            if item["clientState"] == CLIENT_STATE:
                producer.produce(TOPIC, key=item["resource"], value=json.dumps(item))
        producer.flush()
    except Exception as error:
        logger.error("Error processing notification: %s", error)
    return Response(status_code=status.HTTP_202_ACCEPTED)
