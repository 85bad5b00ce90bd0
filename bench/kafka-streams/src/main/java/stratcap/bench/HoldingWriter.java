package stratcap.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/** Writes holdings as framed Avro under the registered schema; record, buffers and encoder are used again for every one. */
final class HoldingWriter {
    private final Registry.Registered holding;
    private final GenericDatumWriter<GenericRecord> writer;
    private final GenericRecord record;
    private final GenericRecord position;
    private final ByteBuffer[] decimals = new ByteBuffer[4];
    private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    private final int[] at;
    private BinaryEncoder encoder;

    HoldingWriter(Registry.Registered holding) {
        this.holding = holding;
        Schema schema = holding.schema();
        writer = new GenericDatumWriter<>(schema);
        record = new GenericData.Record(schema);
        position = new GenericData.Record(schema.getField("position").schema());
        for (int i = 0; i < decimals.length; i += 1) decimals[i] = ByteBuffer.allocate(8);
        String[] names = {"fund_id", "investor_id", "event_count", "last_event_id", "currency", "committed_amount", "called_amount",
            "distributed_amount", "remaining_value", "position", "recorded_at"};
        at = new int[names.length];
        for (int i = 0; i < names.length; i += 1) at[i] = schema.getField(names[i]).pos();
    }

    byte[] write(GenericRecord event, GenericRecord envelope, Balances balances, int partition, long offset) throws IOException {
        record.put(at[0], event.get(EventFields.FUND));
        record.put(at[1], event.get(EventFields.INVESTOR));
        record.put(at[2], balances.eventCount);
        record.put(at[3], envelope.get(EventFields.EVENT_ID));
        record.put(at[4], event.get(EventFields.CURRENCY));
        record.put(at[5], Decimals.write(balances.committed, decimals[0]));
        record.put(at[6], Decimals.write(balances.called, decimals[1]));
        record.put(at[7], Decimals.write(balances.distributed, decimals[2]));
        record.put(at[8], balances.valued ? Decimals.write(balances.remaining, decimals[3]) : null);
        position.put(0, partition);
        position.put(1, offset);
        record.put(at[9], position);
        record.put(at[10], envelope.get(EventFields.RECORDED_AT));
        out.reset();
        int id = holding.id();
        out.write(0);
        out.write(id >>> 24);
        out.write(id >>> 16);
        out.write(id >>> 8);
        out.write(id);
        encoder = EncoderFactory.get().binaryEncoder(out, encoder);
        writer.write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
