package stratcap.bench;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;

/** The same fold as processors/holdings of the product: one holding per event that touches one. */
final class HoldingsProcessor implements Processor<byte[], byte[], byte[], byte[]> {
    static final String STORE = "balances";
    private static final AtomicBoolean FIRST = new AtomicBoolean(true);

    private final Registry registry;
    private final HoldingWriter writer;
    private final Map<Integer, EventReader> readers = new HashMap<>();
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<Bytes, Balances> store;

    HoldingsProcessor(Registry registry, Registry.Registered holding) {
        this.registry = registry;
        this.writer = new HoldingWriter(holding);
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
        this.store = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<byte[], byte[]> input) {
        if (FIRST.compareAndSet(true, false)) System.out.println("first " + System.currentTimeMillis());
        byte[] value = input.value();
        int id = value[1] << 24 | (value[2] & 0xff) << 16 | (value[3] & 0xff) << 8 | value[4] & 0xff;
        EventReader reader = readers.get(id);
        if (reader == null) {
            reader = EventReader.of(registry.byId(id));
            readers.put(id, reader);
        }
        if (reader.kind == EventReader.Kind.OTHER) return;
        try {
            GenericRecord event = reader.read(value);
            GenericRecord envelope = (GenericRecord) event.get(EventFields.ENVELOPE);
            byte[] key = keyOf((Utf8) event.get(EventFields.FUND), (Utf8) event.get(EventFields.INVESTOR));
            Balances balances = fold(Bytes.wrap(key), reader.kind, event);
            RecordMetadata place = context.recordMetadata().orElseThrow();
            byte[] holding = writer.write(event, envelope, balances, place.partition(), place.offset());
            context.forward(new Record<>(key, holding, input.timestamp()));
        } catch (IOException error) {
            throw new IllegalStateException("An event cannot be decoded.", error);
        }
    }

    private Balances fold(Bytes key, EventReader.Kind kind, GenericRecord event) {
        Balances balances = store.get(key);
        if (balances == null) balances = new Balances();
        balances.eventCount += 1;
        switch (kind) {
            case COMMITMENT -> balances.committed = Math.addExact(balances.committed, EventReader.amount(event.get(EventFields.AMOUNT)));
            case OPENING -> {
                balances.called = Math.addExact(balances.called, EventReader.amount(event.get(EventFields.AMOUNT)));
                balances.distributed = Math.addExact(balances.distributed, EventReader.amount(event.get(EventFields.AMOUNT + 1)));
                value(balances, event.get(EventFields.AMOUNT + 2));
            }
            default -> value(balances, event.get(EventFields.AMOUNT));
        }
        store.put(key, balances);
        return balances;
    }

    private static void value(Balances balances, Object remaining) {
        if (remaining == null) return;
        balances.remaining = EventReader.amount(remaining);
        balances.valued = true;
    }

    private static byte[] keyOf(Utf8 fund, Utf8 investor) {
        int length = fund.getByteLength();
        byte[] key = new byte[length + 1 + investor.getByteLength()];
        System.arraycopy(fund.getBytes(), 0, key, 0, length);
        key[length] = '|';
        System.arraycopy(investor.getBytes(), 0, key, length + 1, investor.getByteLength());
        return key;
    }
}
