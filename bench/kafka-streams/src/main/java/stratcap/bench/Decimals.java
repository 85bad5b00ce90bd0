package stratcap.bench;

import java.nio.ByteBuffer;

/** Avro decimals of scale 2 as hundredths in a long: no BigDecimal is made. Beyond 63 bits it throws, as Math.addExact does. */
final class Decimals {
    private Decimals() {}

    static long read(ByteBuffer bytes) {
        int from = bytes.position();
        int length = bytes.remaining();
        if (length == 0 || length > 8) throw new ArithmeticException("a decimal of " + length + " bytes does not fit in a long");
        long value = bytes.get(from);
        for (int at = 1; at < length; at += 1) value = value << 8 | bytes.get(from + at) & 0xff;
        return value;
    }

    /** Writes the shortest two's complement into a buffer of at least 8 bytes. */
    static ByteBuffer write(long value, ByteBuffer into) {
        int length = 1 + (64 - Long.numberOfLeadingZeros(value < 0 ? ~value : value)) / 8;
        byte[] array = into.array();
        for (int at = length - 1; at >= 0; at -= 1) {
            array[at] = (byte) value;
            value >>= 8;
        }
        into.clear().limit(length);
        return into;
    }
}
