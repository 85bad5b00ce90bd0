// ApiVersions v3: what a broker can do. Asked first on each connection, so that an old broker is named instead of misunderstood.
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { WireRequest } from './request.ts';

export interface ApiVersions {
  readonly errorCode: number;
  /** Lowest and highest version by API key. */
  readonly versions: ReadonlyMap<number, readonly [number, number]>;
  /** Finalised level of a feature, for example `transaction.version`. */
  readonly features: ReadonlyMap<string, number>;
}

const FINALISED_FEATURES_TAG = 2;

const decodeFeatures = (bytes: Buffer): ReadonlyMap<string, number> => {
  const reader = new ByteReader(bytes);
  return new Map(
    reader.compactArray(6, () => {
      const name = reader.compactString() ?? '';
      const level = reader.int16();
      reader.skip(2); // lowest level
      reader.skipTags();
      return [name, level] as const;
    }),
  );
};

/** Reads an ApiVersions v3 response, also the short one of version 0 by which a broker refuses version 3. */
export const decodeApiVersions = (bytes: Buffer): ApiVersions => {
  const reader = new ByteReader(bytes);
  const errorCode = reader.int16();
  if (errorCode !== 0) return { errorCode, versions: new Map(), features: new Map() };
  const versions = new Map(
    reader.compactArray(7, () => {
      const entry = [reader.int16(), [reader.int16(), reader.int16()] as const] as const;
      reader.skipTags();
      return entry;
    }),
  );
  reader.skip(4); // throttle time
  let features: ReadonlyMap<string, number> = new Map();
  for (let tags = reader.unsignedVarint(); tags > 0; tags -= 1) {
    const tag = reader.unsignedVarint();
    const value = reader.slice(reader.unsignedVarint(), 'tagged field');
    if (tag === FINALISED_FEATURES_TAG) features = decodeFeatures(value);
  }
  return { errorCode, versions, features };
};

export const apiVersionsRequest = (): WireRequest<ApiVersions> => ({
  apiKey: 18,
  apiVersion: 3,
  name: 'ApiVersions',
  encode: () => new ByteWriter().noTags().compactString('stratcap').compactString('1').noTags().bytes(),
  decode: decodeApiVersions,
});
