"""Prints the booked events of stratcap.events as JSON, one a line: committed ones only, decoded by the schema registry.

    pip install 'confluent-kafka[avro,schemaregistry]'
    KAFKA_BROKERS=127.0.0.1:9092 SCHEMA_REGISTRY_URL=http://127.0.0.1:8081/apis/ccompat/v7 python subscribe.py [COUNT]

Ends after COUNT events, or runs until it is stopped. Several record types share the topic: the schema id in each message says which one it is.
Money arrives as decimal.Decimal with two digits: keep it so, never turn it into a float.
"""

import datetime
import decimal
import json
import os
import struct
import sys
import uuid

from confluent_kafka import Consumer, KafkaException
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

topic = os.environ.get("TOPIC", "stratcap.events")
count = int(sys.argv[1]) if len(sys.argv) > 1 else None

registry = SchemaRegistryClient({"url": os.environ.get("SCHEMA_REGISTRY_URL", "http://127.0.0.1:8081/apis/ccompat/v7")})
decode = AvroDeserializer(registry)
consumer = Consumer(
    {
        "bootstrap.servers": os.environ.get("KAFKA_BROKERS", "127.0.0.1:9092"),
        "group.id": os.environ.get("GROUP", f"subscribe-py-{uuid.uuid4()}"),
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "enable.auto.commit": False,
    }
)


def as_text(value):
    """JSON has no decimals, dates or bytes: they are written as text, exactly."""
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def record_name(framed):
    """Name of the record in a message: magic byte 0, then the id of its schema. The client caches what the registry says."""
    _magic, schema_id = struct.unpack(">bI", framed[:5])
    return json.loads(registry.get_schema(schema_id).schema_str)["name"]


consumer.subscribe([topic])
printed = 0
try:
    while count is None or printed < count:
        message = consumer.poll(1.0)
        if message is None:
            continue
        if message.error():
            raise KafkaException(message.error())
        event = decode(message.value(), SerializationContext(topic, MessageField.VALUE))
        line = {"partition": message.partition(), "offset": message.offset(), "type": record_name(message.value()), "event": event}
        print(json.dumps(line, default=as_text), flush=True)
        printed += 1
finally:
    consumer.close()
