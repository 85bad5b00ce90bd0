package stratcap.bench;

import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;

/** Balances of an investor in a fund, in hundredths; 41 bytes in the store. */
final class Balances {
    long eventCount;
    long committed;
    long called;
    long distributed;
    long remaining;
    boolean valued;

    static final Serde<Balances> SERDE = Serdes.serdeFrom(
        (Serializer<Balances>) (topic, it) -> it == null ? null : ByteBuffer.allocate(41)
            .putLong(it.eventCount).putLong(it.committed).putLong(it.called).putLong(it.distributed).putLong(it.remaining)
            .put((byte) (it.valued ? 1 : 0)).array(),
        (Deserializer<Balances>) (topic, bytes) -> {
            if (bytes == null) return null;
            ByteBuffer in = ByteBuffer.wrap(bytes);
            Balances it = new Balances();
            it.eventCount = in.getLong();
            it.committed = in.getLong();
            it.called = in.getLong();
            it.distributed = in.getLong();
            it.remaining = in.getLong();
            it.valued = in.get() != 0;
            return it;
        });
}
