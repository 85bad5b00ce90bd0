package stratcap.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/**
 * Reads the events of one writer schema, resolved to the fields that a holding needs: what the reader schema leaves out is skipped.
 * Decoder and record are used again for every event, so that what it gives is good until the next one.
 */
final class EventReader {
    enum Kind { COMMITMENT, OPENING, VALUATION, OTHER }

    final Kind kind;
    private final GenericDatumReader<GenericRecord> reader;
    private GenericRecord record;
    private BinaryDecoder decoder;

    private EventReader(Kind kind, GenericDatumReader<GenericRecord> reader) {
        this.kind = kind;
        this.reader = reader;
    }

    static EventReader of(Schema writer) {
        Kind kind = switch (writer.getName()) {
            case "CommitmentMade" -> Kind.COMMITMENT;
            case "OpeningBalanceRecorded" -> Kind.OPENING;
            case "ValuationRecorded" -> Kind.VALUATION;
            default -> Kind.OTHER;
        };
        if (kind == Kind.OTHER) return new EventReader(kind, null);
        GenericData data = new GenericData();
        data.setFastReaderEnabled(true);
        return new EventReader(kind, new GenericDatumReader<>(writer, readerSchema(writer.getName()), data));
    }

    private static Schema readerSchema(String name) {
        try (var file = EventReader.class.getResourceAsStream("/" + name + ".avsc")) {
            return new Schema.Parser().parse(file);
        } catch (IOException error) {
            throw new IllegalStateException(error);
        }
    }

    /** The event behind the five bytes of the framing: envelope (event_id, recorded_at), fund_id, investor_id, currency, amounts. */
    GenericRecord read(byte[] framed) throws IOException {
        decoder = DecoderFactory.get().binaryDecoder(framed, 5, framed.length - 5, decoder);
        record = reader.read(record, decoder);
        return record;
    }

    static long amount(Object bytes) {
        return bytes == null ? 0 : Decimals.read((ByteBuffer) bytes);
    }
}
