package stratcap.bench;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.common.utils.Bytes;

/** The holdings of the product, computed by Kafka Streams: what `npm run -s bench processors` measures the product against. */
public final class HoldingsApplication {
    private HoldingsApplication() {}

    public static void main(String[] args) {
        Settings settings = Settings.of(args);
        String prefix = settings.get("prefix");
        KafkaStreams streams = new KafkaStreams(topology(settings, prefix), settings.streams());
        streams.setStateListener((now, before) -> System.out.println("state " + now + " " + System.currentTimeMillis()));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static Topology topology(Settings settings, String prefix) {
        Registry registry = new Registry(settings.get("registry"));
        String output = settings.get("output");
        Registry.Registered holding = registry.latest(prefix + "holdings-stratcap.fact.Holding");
        StoreBuilder<KeyValueStore<Bytes, Balances>> store =
            Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(HoldingsProcessor.STORE), Serdes.Bytes(), Balances.SERDE);
        Topology topology = new Topology();
        topology.addSource("events", new ByteArrayDeserializer(), new ByteArrayDeserializer(), settings.get("input"));
        topology.addProcessor("fold", () -> new HoldingsProcessor(registry, holding), "events");
        topology.addStateStore(settings.caching() ? store.withCachingEnabled() : store.withCachingDisabled(), "fold");
        topology.addSink("holdings", output, new ByteArraySerializer(), new ByteArraySerializer(), byFund(), "fold");
        return topology;
    }

    /** By the fund alone, the first 36 bytes of the key, as the product does: a holding stands in the partition of its events. */
    private static StreamPartitioner<byte[], byte[]> byFund() {
        @SuppressWarnings({"unchecked", "rawtypes"})
        Optional<Set<Integer>>[] partitions = IntStream.range(0, 1024).mapToObj(p -> Optional.of(Set.of(p))).toArray(Optional[]::new);
        return (topic, key, value, count) -> partitions[BuiltInPartitioner.partitionForKey(Arrays.copyOf(key, 36), count)];
    }
}
