package stratcap.bench;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;

/** The arguments of the command line, `name=value`, and what they mean to Kafka Streams. */
record Settings(Map<String, String> values) {
    static Settings of(String[] args) {
        Map<String, String> values = new HashMap<>();
        Arrays.stream(args).forEach(arg -> values.put(arg.substring(0, arg.indexOf('=')), arg.substring(arg.indexOf('=') + 1)));
        return new Settings(values);
    }

    String get(String name) {
        String value = values.get(name);
        if (value == null) throw new IllegalArgumentException("The argument " + name + "=… is missing.");
        return value;
    }

    boolean caching() {
        return get("cache").equals("on");
    }

    /**
     * Exactly once, sized as one would for throughput: large fetches and batches, as many threads as cores, a cache that holds the
     * whole working set. Small latency is asked for by the commit interval; lingering then only adds to it.
     */
    Properties streams() {
        boolean quick = Integer.parseInt(get("commit-ms")) < 100;
        Properties p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, get("application"));
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, get("brokers"));
        p.put(StreamsConfig.STATE_DIR_CONFIG, get("state"));
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.parseInt(get("threads")));
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, Integer.parseInt(get("commit-ms")));
        p.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, caching() ? 256L << 20 : 0L);
        p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        p.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 10_000);
        p.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        p.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), quick ? 0 : 20);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 512 << 10);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.BUFFER_MEMORY_CONFIG), 128L << 20);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 10_000);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), get("application"));
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return p;
    }
}
