// Avro as avsc has it, without the logical types of the product: decimals stay bytes, dates are days. So a mistake of the product's
// codec cannot hide in what it is measured and compared with.
import avsc from 'avsc';

/** An avsc type without logical types. */
export const rawType = (schema: unknown): avsc.Type => avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false } as never);

/** The amount of a decimal in hundredths. */
export const minorOf = (bytes: Buffer): bigint =>
  bytes.length <= 6
    ? BigInt(bytes.readIntBE(0, bytes.length))
    : BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));

/** The shortest two's complement of hundredths. */
export const bytesOf = (minor: bigint): Buffer => {
  let length = 1;
  while (BigInt.asIntN(length * 8, minor) !== minor) length += 1;
  const bytes = Buffer.allocUnsafe(length);
  if (length <= 6) bytes.writeIntBE(Number(minor), 0, length);
  else
    bytes.write(
      BigInt.asUintN(length * 8, minor)
        .toString(16)
        .padStart(length * 2, '0'),
      'hex',
    );
  return bytes;
};

/** A value behind the Confluent framing. */
export const framed = (id: number, body: Buffer): Buffer => {
  const value = Buffer.allocUnsafe(5 + body.length);
  value[0] = 0;
  value.writeUInt32BE(id, 1);
  body.copy(value, 5);
  return value;
};
