// Reads topics committed with Kafka's own client and prints one line per record, so that the checker shares no code with the product:
//   java -cp JARS ReadLog.java BROKERS follow|once TOPIC...
// `topic TAB partition TAB offset TAB timestamp TAB key TAB value TAB headers`, bytes in base64; `once` ends with a line
// `end TAB topic TAB partition TAB last stable offset TAB high watermark` for each partition. `follow` ends with its standard input.
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class ReadLog {
  static Map<String, Object> settings(String brokers, String isolation) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", brokers);
    settings.put("isolation.level", isolation);
    settings.put("auto.offset.reset", "none");
    settings.put("enable.auto.commit", "false");
    settings.put("key.deserializer", ByteArrayDeserializer.class);
    settings.put("value.deserializer", ByteArrayDeserializer.class);
    settings.put("default.api.timeout.ms", "120000");
    settings.put("request.timeout.ms", "10000");
    return settings;
  }

  static String text(byte[] bytes) {
    return bytes == null ? "-" : Base64.getEncoder().encodeToString(bytes);
  }

  static void print(StringBuilder out, ConsumerRecord<byte[], byte[]> record) {
    out.append(record.topic()).append('\t').append(record.partition()).append('\t').append(record.offset()).append('\t');
    out.append(record.timestamp()).append('\t').append(text(record.key())).append('\t').append(text(record.value())).append('\t');
    for (Header header : record.headers()) out.append(header.key()).append('=').append(text(header.value())).append(' ');
    out.append('\n');
  }

  public static void main(String[] args) throws Exception {
    boolean follow = args[1].equals("follow");
    Set<String> topics = new HashSet<>(Arrays.asList(args).subList(2, args.length));
    try (KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(settings(args[0], "read_committed"))) {
      List<TopicPartition> all = new ArrayList<>();
      for (String topic : topics)
        reader.partitionsFor(topic).forEach(info -> all.add(new TopicPartition(topic, info.partition())));
      reader.assign(all);
      reader.seekToBeginning(all);
      Map<TopicPartition, Long> ends = reader.endOffsets(all);
      while (follow ? System.in.available() == 0 : all.stream().anyMatch(p -> reader.position(p) < ends.get(p))) {
        StringBuilder out = new StringBuilder();
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(200))) print(out, record);
        System.out.print(out);
        System.out.flush();
      }
      if (follow) return;
      try (KafkaConsumer<byte[], byte[]> dirty = new KafkaConsumer<>(settings(args[0], "read_uncommitted"))) {
        Map<TopicPartition, Long> stable = reader.endOffsets(all);
        Map<TopicPartition, Long> high = dirty.endOffsets(all);
        for (TopicPartition p : all)
          System.out.println("end\t" + p.topic() + "\t" + p.partition() + "\t" + stable.get(p) + "\t" + high.get(p));
      }
    }
  }
}
